; SPDX-License-Identifier: GPL-3.0-or-later
;
; The installer: for one user, without administrator rights.
;
;   makensis -DVERSION=0.1.0 -DSTAGE=FOLDER -DFILES=delete-files.nsh -DICON=knothole.ico
;            -DOUT=setup.exe knothole.nsi
;
; STAGE is what is installed; FILES has a Delete for each of its files and an RMDir for
; each of its folders, so that the uninstaller takes away nothing else.
;
; Silent: setup.exe /S [/FIREWALL] [/D=FOLDER]; uninstall.exe /S [/DELETEDATA].
; Exit status 0: done, 1: ended by the person, 2: Knothole is running or a file can't be
; written.

Target amd64-unicode
Unicode true
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "WinMessages.nsh"

!define APP "Knothole"
!define ID "io.github.knothole.Knothole"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"
!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
!define SCHEME_KEY "Software\Classes\knothole"
!define PATHS_KEY "Software\Microsoft\Windows\CurrentVersion\App Paths\knothole.exe"
!define RULE "${APP}"
!define NETSH '"$SYSDIR\netsh.exe" advfirewall firewall'
!define ADD_RULE 'netsh advfirewall firewall add rule name="${RULE}" dir=in action=allow protocol=TCP'
; Where the program keeps identity, contacts and messages, below LOCALAPPDATA.
!define DATA_APP "knothole"
!define DATA_CLI "knothole-cli"
!define DATA_SERVER "knothole-server"

Name "${APP}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${APP}"
InstallDirRegKey HKCU "Software\${APP}" "InstallDir"
BrandingText "${APP} ${VERSION}"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${APP}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${APP} installer"
VIAddVersionKey "CompanyName" "Knothole contributors"
VIAddVersionKey "LegalCopyright" "GNU General Public License, version 3 or later"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_SMALLDESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\bin\knothole.exe"
!define MUI_FINISHPAGE_NOREBOOTSUPPORT

!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES

; The first one is taken where Windows speaks none of them.
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "Japanese"
!insertmacro MUI_LANGUAGE "PortugueseBR"
!insertmacro MUI_LANGUAGE "Russian"
!insertmacro MUI_LANGUAGE "SimpChinese"
!insertmacro MUI_LANGUAGE "TradChinese"
!include "installer-texts.nsh"

Var Parameters

; ${NAME} "FILE": whether a program that runs has it. Ends with exit status 2 unless the person
; makes it free.
!macro WaitUntilFree un
Function ${un}WaitUntilFree
  Exch $0
  Push $1
  ${Do}
    ${IfNot} ${FileExists} "$0"
      ${ExitDo}
    ${EndIf}
    ClearErrors
    FileOpen $1 "$0" a
    ${IfNot} ${Errors}
      FileClose $1
      ${ExitDo}
    ${EndIf}
    ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(TextRunning)" /SD IDCANCEL IDCANCEL`
      SetErrorLevel 2
      Quit
    ${EndIf}
  ${Loop}
  Pop $1
  Pop $0
FunctionEnd
!macroend
!insertmacro WaitUntilFree ""
!insertmacro WaitUntilFree "un."

!macro CheckFree un
  Push "$INSTDIR\bin\knothole.exe"
  Call ${un}WaitUntilFree
  Push "$INSTDIR\bin\knothole-cli.exe"
  Call ${un}WaitUntilFree
  Push "$INSTDIR\bin\knothole-server.exe"
  Call ${un}WaitUntilFree
!macroend

Section "${APP}" SectionApp
  SectionIn RO
  !insertmacro CheckFree ""

  ; An older version takes its own files away, whichever those were and wherever it is.
  ReadRegStr $3 HKCU "Software\${APP}" "InstallDir"
  ${If} $3 == ""
    StrCpy $3 $INSTDIR
  ${EndIf}
  ${If} ${FileExists} "$3\uninstall.exe"
    ExecWait '"$3\uninstall.exe" /S /UPGRADE _?=$3' $0
    ${If} $0 <> 0
      MessageBox MB_OK|MB_ICONSTOP "$(TextRunning)" /SD IDOK
      SetErrorLevel 2
      Quit
    ${EndIf}
    ; One that runs in place leaves itself.
    Delete "$3\uninstall.exe"
    RMDir "$3"
  ${EndIf}

  SetOutPath "$INSTDIR"
  ClearErrors
  File /r "${STAGE}/*"
  ${If} ${Errors}
    MessageBox MB_OK|MB_ICONSTOP "$(TextNotWritten)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"

  SetOutPath "$INSTDIR\bin"
  CreateShortcut "$SMPROGRAMS\${APP}.lnk" "$INSTDIR\bin\knothole.exe"
  SetOutPath "$INSTDIR"

  WriteRegStr HKCU "${SCHEME_KEY}" "" "URL:Knothole"
  WriteRegStr HKCU "${SCHEME_KEY}" "URL Protocol" ""
  WriteRegStr HKCU "${SCHEME_KEY}\DefaultIcon" "" "$INSTDIR\bin\knothole.exe,0"
  WriteRegStr HKCU "${SCHEME_KEY}\shell\open\command" "" '"$INSTDIR\bin\knothole.exe" "%1"'
  WriteRegStr HKCU "${PATHS_KEY}" "" "$INSTDIR\bin\knothole.exe"

  WriteRegStr HKCU "Software\${APP}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${APP}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\bin\knothole.exe,0"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "Knothole contributors"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" $0
SectionEnd

; The one thing that needs an administrator: Windows asks for the rights, once for a folder.
; What runs with them begins in the system's folder, where nobody else can put a program.
Section "$(TextFirewall)" SectionFirewall
  ReadRegStr $0 HKCU "Software\${APP}" "FirewallRule"
  ${If} $0 != $INSTDIR
    ExecShellWait "runas" "$SYSDIR\cmd.exe" \
      '/c cd /d "$SYSDIR" && ${ADD_RULE} program="$INSTDIR\bin\knothole.exe" && ${ADD_RULE} program="$INSTDIR\bin\knothole-cli.exe" && ${ADD_RULE} program="$INSTDIR\bin\knothole-server.exe"' \
      SW_HIDE
    ; Anybody may look whether it is there.
    nsExec::Exec '${NETSH} show rule name="${RULE}"'
    Pop $0
    ${If} $0 == 0
      WriteRegStr HKCU "Software\${APP}" "FirewallRule" "$INSTDIR"
    ${EndIf}
  ${EndIf}
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionApp} "$(TextAppAbout)"
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionFirewall} "$(TextFirewallAbout)"
!insertmacro MUI_FUNCTION_DESCRIPTION_END

; Silently nobody could answer the question for the rights: only when asked for.
Function .onInit
  ${If} ${Silent}
    ${GetParameters} $Parameters
    ClearErrors
    ${GetOptions} $Parameters "/FIREWALL" $0
    ${If} ${Errors}
      SectionSetFlags ${SectionFirewall} 0
    ${EndIf}
  ${EndIf}
FunctionEnd

Section "un.${APP}" UnSectionApp
  SectionIn RO
  !insertmacro CheckFree "un."

  !include "${FILES}"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"

  ${GetParameters} $Parameters
  ClearErrors
  ${GetOptions} $Parameters "/UPGRADE" $0
  ${IfNot} ${Errors}
    Return
  ${EndIf}

  Delete "$SMPROGRAMS\${APP}.lnk"
  DeleteRegKey HKCU "${SCHEME_KEY}"
  DeleteRegKey HKCU "${PATHS_KEY}"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  Call un.RemoveAutostart
  ReadRegStr $0 HKCU "Software\${APP}" "FirewallRule"
  ${If} $0 != ""
    ${If} ${Silent}
      nsExec::Exec '${NETSH} delete rule name="${RULE}"'
      Pop $0
    ${Else}
      ExecShellWait "runas" "$SYSDIR\netsh.exe" \
        'advfirewall firewall delete rule name="${RULE}"' SW_HIDE
    ${EndIf}
  ${EndIf}
  DeleteRegKey HKCU "Software\${APP}"
SectionEnd

Section /o "un.$(TextData)" UnSectionData
  RMDir /r "$LOCALAPPDATA\${DATA_APP}"
  RMDir /r "$LOCALAPPDATA\${DATA_CLI}"
  RMDir /r "$LOCALAPPDATA\${DATA_SERVER}"
SectionEnd

!insertmacro MUI_UNFUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${UnSectionApp} "$(TextAppAbout)"
  !insertmacro MUI_DESCRIPTION_TEXT ${UnSectionData} "$(TextDataAbout)"
!insertmacro MUI_UNFUNCTION_DESCRIPTION_END

; Those of this program: one value for each data folder.
Function un.RemoveAutostart
  StrCpy $0 0
  ${Do}
    EnumRegValue $1 HKCU "${RUN_KEY}" $0
    ${If} $1 == ""
      ${ExitDo}
    ${EndIf}
    StrCpy $2 $1 8
    ${If} $2 == "${APP}"
      DeleteRegValue HKCU "${RUN_KEY}" $1
    ${Else}
      IntOp $0 $0 + 1
    ${EndIf}
  ${Loop}
FunctionEnd

Function un.onInit
  ${GetParameters} $Parameters
  ClearErrors
  ${GetOptions} $Parameters "/DELETEDATA" $0
  ${IfNot} ${Errors}
    SectionSetFlags ${UnSectionData} ${SF_SELECTED}
  ${EndIf}
FunctionEnd
