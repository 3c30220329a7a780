# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture to send: a fence with a knothole in it."""

import subprocess

WIDTH, HEIGHT = 1600, 1000
N_PLANKS, PLANK_STEP, PLANK_WIDTH = 9, 190, 170


def _plank(number):
    x = -40 + number * PLANK_STEP
    colour = "#8a5f38" if number % 2 else "#94683e"
    shape = (f"fill '{colour}' polygon {x},{HEIGHT} {x},230 {x + PLANK_WIDTH // 2},150 "
             f"{x + PLANK_WIDTH},230 {x + PLANK_WIDTH},{HEIGHT}")
    grain = [f"bezier {x + at},{HEIGHT} {x + at + 10},700 {x + at - 10},500 {x + at},260"
             for at in (30, 65, 100, 135)]
    return (f"{shape} fill none stroke '#7a5230' stroke-width 3 stroke-opacity 0.5 "
            f"{' '.join(grain)} stroke none")


def draw(path):
    """Writes the picture, in whatever format the name says."""
    rails = f"fill '#7a5230' rectangle 0,400 {WIDTH},450 rectangle 0,820 {WIDTH},870"
    hole = ("fill '#5c3c20' ellipse 805,600 74,92 0,360 fill '#bfe6ff' "
            "ellipse 805,600 56,74 0,360 fill '#8fc46a' ellipse 805,650 44,26 0,360")
    planks = " ".join(_plank(number) for number in range(N_PLANKS))
    subprocess.run(
        ["convert", "-size", f"{WIDTH}x{HEIGHT}", "gradient:#8fd0ff-#d8f0c0",
         "-fill", "#6ea84f", "-draw", "ellipse 400,1100 900,420 0,360",
         "-fill", "#7fb85c", "-draw", "ellipse 1300,1150 900,420 0,360",
         "-fill", "#fff4c2", "-draw", "circle 1280,170 1280,250",
         "-draw", f"{rails} {planks} {hole}",
         "-attenuate", "0.15", "+noise", "Gaussian", "-quality", "88", path], check=True)
