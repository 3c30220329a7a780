# SPDX-License-Identifier: GPL-3.0-or-later
"""One line per check of a test, from any thread, and the sum of them."""

import threading
import time

WAIT_S = 60  # for what must come

passed = failed = 0
_lock = threading.Lock()


def check(title, wanted, got):
    """@wanted is a value, or a function that judges."""
    global passed, failed
    good = wanted(got) if callable(wanted) else wanted == got
    with _lock:
        if good:
            passed += 1
            print(f"ok    {title}", flush=True)
        else:
            failed += 1
            expected = "" if callable(wanted) else f"wanted {wanted!r}, "
            print(f"FAIL  {title}: {expected}got {got!r}", flush=True)
    return good


def check_comes(title, wanted, read):
    """A check of what comes to be: read () is asked until it is what is wanted, for a minute
    at most. What it is in the end is checked."""
    judge = wanted if callable(wanted) else lambda got: wanted == got
    deadline = time.monotonic() + WAIT_S
    while not judge(got := read()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return check(title, wanted, got)


def at_once(lab, *tests):
    """Runs test (lab) of each of them in a thread of its own."""
    def run(test):
        try:
            test(lab)
        except Exception as error:  # whatever it is, the others go on
            check(f"{test.__name__} ended early", None, error)

    threads = [threading.Thread(target=run, args=(test,), daemon=True) for test in tests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def summary():
    """Prints it; the exit status."""
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
