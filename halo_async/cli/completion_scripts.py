"""`halo-async completion`: scripts that make shells complete the command."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Annotated

import typer

from halo_async.cli.errors import Exit, UsageError

_BASH = r"""_halo_async() {
    local IFS=$'\n'
    local -x COMP_WORDBREAKS="$COMP_WORDBREAKS" _HALO_ASYNC_COMPLETE=bash
    COMPREPLY=($("$1" "$COMP_LINE" "$COMP_POINT" 2>/dev/null))
    case "${COMPREPLY[0]}" in
        *= | *.) compopt -o nospace ;;
    esac
}
complete -o default -F _halo_async halo-async
"""
_ZSH = r"""#compdef halo-async
_halo_async() {
    local line value said
    local -a plain open plain_said open_said
    while IFS= read -r line; do
        value="${line%%$'\t'*}"
        said="$value"
        [[ "$line" == *$'\t'* ]] && said="$value  -- ${line#*$'\t'}"
        if [[ "$value" == *[=.] ]]; then
            open+=("$value"); open_said+=("$said")
        else
            plain+=("$value"); plain_said+=("$said")
        fi
    done < <(_HALO_ASYNC_COMPLETE=zsh "${words[1]}" "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( $#plain + $#open == 0 )); then
        _files
        return
    fi
    (( $#plain )) && compadd -l -d plain_said -- "${plain[@]}"
    (( $#open )) && compadd -l -S '' -d open_said -- "${open[@]}"
    return 0
}
if [[ "${funcstack[1]}" = "_halo_async" ]]; then
    _halo_async "$@"
else
    compdef _halo_async halo-async
fi
"""
_FISH = r"""function __halo_async_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found (_HALO_ASYNC_COMPLETE=fish $words[1] $words[2..-1] "$current" 2>/dev/null)
    if test (count $found) -eq 0
        __fish_complete_path "$current"
    else
        printf '%s\n' $found
    end
end
complete -c halo-async -f -a '(__halo_async_complete)'
"""
_POWERSHELL = r"""Register-ArgumentCompleter -Native -CommandName halo-async -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    $command = $commandAst.CommandElements[0].Extent.Text
    $before = @($words | Select-Object -Skip 1)
    $env:_HALO_ASYNC_COMPLETE = 'powershell'
    try {
        $lines = & $command @before "=$wordToComplete" 2>$null  # an empty argument would be left out up to 7.2
    } finally {
        Remove-Item Env:\_HALO_ASYNC_COMPLETE
    }
    $lines | ForEach-Object {
        $value, $said = $_ -split "`t", 2
        if (-not $said) { $said = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $said)
    }
}
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}
_OTHER_NAMES = {"pwsh": "powershell"}


def completion(
    shell: Annotated[
        str | None,
        typer.Argument(metavar="[SHELL]", help="bash, zsh, fish or powershell. Default: that of SHELL."),
    ] = None,
) -> int:
    """Print the script that completes commands, operations, parameters and profiles in your shell.

    bash and zsh: add eval "$(halo-async completion bash)" to ~/.bashrc or ~/.zshrc (after compinit).
    fish: write it to ~/.config/fish/completions/halo-async.fish. PowerShell: add
    halo-async completion powershell | Out-String | Invoke-Expression to $PROFILE.

    Example:
      eval "$(halo-async completion bash)"
    """
    name = (shell or PurePath(os.environ.get("SHELL", "")).name).strip().lower()
    name = _OTHER_NAMES.get(name, name)
    if name not in SCRIPTS:
        raise UsageError(f"{name or 'No shell'} is not supported. Name one of {', '.join(SCRIPTS)}.")
    print(SCRIPTS[name], end="")
    return Exit.DONE
