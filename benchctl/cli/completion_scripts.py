"""The scripts that ask the program what may come next, one per shell."""

from __future__ import annotations

from collections.abc import Mapping

BASH = r"""# benchctl: completion for bash. Put this line into ~/.bashrc:
#   eval "$(benchctl completion bash)"
_benchctl_completion() {
    local program=${1/#\~\//$HOME/} response line
    response=$(_BENCHCTL_COMPLETE=bash_complete COMP_LINE="${COMP_LINE:0:COMP_POINT}" \
        COMP_CURRENT="$2" "$program" 2>/dev/null)
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            dir,*) compopt -o dirnames 2>/dev/null ;;
            file,*) compopt -o default 2>/dev/null ;;
            plain,*)
                COMPREPLY+=("${line#plain,}")
                [[ $line == *= ]] && compopt -o nospace 2>/dev/null ;;
        esac
    done <<< "$response"
    return 0
}
complete -o nosort -F _benchctl_completion benchctl 2>/dev/null ||
    complete -F _benchctl_completion benchctl
"""

ZSH = r"""#compdef benchctl
# benchctl: completion for zsh. Put this line into ~/.zshrc:
#   eval "$(benchctl completion zsh)"
_benchctl_completion() {
    local -a response told plain open_told open_plain
    local kind word text line="${(j: :)words[1,CURRENT-1]} ${QIPREFIX}${PREFIX}"
    response=("${(@f)$(_BENCHCTL_COMPLETE=zsh_complete COMP_WORDS="$line" \
        COMP_CWORD=$((CURRENT-1)) ${words[1]/#\~\//$HOME/} 2>/dev/null)}")
    for kind word text in "${response[@]}"; do
        case $kind in
            dir|file)
                [[ $PREFIX == --*=* ]] && compset -P 1 '*='
                [[ $kind == dir ]] && _path_files -/ || _path_files -f ;;
            plain)
                case $word:$text in
                    *=:_) open_plain+=("$word") ;;
                    *=:*) open_told+=("$word:$text") ;;
                    *:_) plain+=("$word") ;;
                    *) told+=("$word:$text") ;;
                esac ;;
        esac
    done
    (( $#told )) && _describe -V benchctl told -U
    (( $#open_told )) && _describe -V benchctl open_told -U -S ''
    (( $#plain )) && compadd -U -V benchctl -a plain
    (( $#open_plain )) && compadd -U -V benchctl -S '' -a open_plain
    return 0
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _benchctl_completion "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _benchctl_completion benchctl
fi
"""

FISH = r"""# benchctl: completion for fish. Write it where fish looks for it:
#   benchctl completion fish > ~/.config/fish/completions/benchctl.fish
function _benchctl_completion
    set -l token (commandline -ct)
    set -l option (string match -r -- '^--[^=]+=' $token)
    set -l response (env _BENCHCTL_COMPLETE=fish_complete \
        COMP_WORDS=(commandline -cp | string collect) benchctl 2>/dev/null)
    for line in $response
        set -l part (string split -m 1 , -- $line)
        switch $part[1]
            case dir
                for found in (__fish_complete_directories (string replace -- "$option" '' $part[2]))
                    echo -- "$option$found"
                end
            case file
                for found in (__fish_complete_path (string replace -- "$option" '' $part[2]))
                    echo -- "$option$found"
                end
            case plain
                printf '%s\n' $part[2]
        end
    end
end
complete --keep-order --no-files --command benchctl --arguments '(_benchctl_completion)'
"""

POWERSHELL = r"""# benchctl: completion for PowerShell. Put this line into $PROFILE:
#   benchctl completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName benchctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object {
        $_.Extent.StartOffset -lt $cursorPosition
    } | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $_.Value
        } else {
            $_.Extent.Text
        }
    })
    $before = if ($wordToComplete) { $words.Count - 1 } else { $words.Count }
    $saved = $env:_BENCHCTL_COMPLETE, $env:COMP_WORDS, $env:COMP_CWORD
    try {
        $env:_BENCHCTL_COMPLETE = 'powershell_complete'
        $env:COMP_WORDS = $words -join "`n"
        $env:COMP_CWORD = $before
        $response = @(& $words[0] 2>$null)
    } finally {
        $env:_BENCHCTL_COMPLETE, $env:COMP_WORDS, $env:COMP_CWORD = $saved
    }
    $option = if ($wordToComplete -match '^(--[^=]+=)') { $Matches[1] } else { '' }
    $path = $wordToComplete.Substring($option.Length)
    for ($i = 0; $i + 2 -lt $response.Count; $i += 3) {
        $kind, $word, $help = $response[$i..($i + 2)]
        if ($kind -eq 'plain') {
            $quoted = if ($word -match '[\s;,&|(){}$`''"]') {
                "'" + $word.Replace("'", "''") + "'"
            } else { $word }
            $tip = if ($help -eq '_') { $word } else { $help }
            [System.Management.Automation.CompletionResult]::new(
                $quoted, $word, 'ParameterValue', $tip)
        } else {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($path) |
                Where-Object { $kind -eq 'file' -or $_.ResultType -eq 'ProviderContainer' } |
                ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new(
                        $option + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
                }
        }
    }
}
"""

SCRIPTS: Mapping[str, str] = {
    "bash": BASH,
    "zsh": ZSH,
    "fish": FISH,
    "powershell": POWERSHELL,
}
"""The scripts by shell."""
