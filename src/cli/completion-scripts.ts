/*
 * What shells read to complete the program's words. Nothing that is typed is evaluated: it goes to the program as arguments. Where the
 * program knows no words, the shell offers files.
 */

const bash = `# s3kms-emu: source <(s3kms-emu completion bash)
_s3kms_emu() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(s3kms-emu complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _s3kms_emu s3kms-emu
`

const zsh = `#compdef s3kms-emu
_s3kms_emu() {
  local line
  local -a found
  for line in "\${(@f)$(s3kms-emu complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#found )); then _describe s3kms-emu found; else _files; fi
}
if [[ $funcstack[1] == _s3kms_emu ]]; then _s3kms_emu "$@"; else compdef _s3kms_emu s3kms-emu; fi
`

const fish = `# s3kms-emu: s3kms-emu completion fish > ~/.config/fish/completions/s3kms-emu.fish
function __s3kms_emu_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (s3kms-emu complete -- $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c s3kms-emu -f -a '(__s3kms_emu_complete)'
`

// Before version 7.3 PowerShell drops an empty argument: --new stands for it.
const powershell = `# s3kms-emu: s3kms-emu completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName s3kms-emu -ScriptBlock {
    param($typed, $line, $cursor)
    $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    $found = if ($typed -eq '') { s3kms-emu complete --new -- @words } else { s3kms-emu complete -- @words }
    $found | ForEach-Object {
        $value, $description = $_ -split "\`t", 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
    }
}
`

export const completionScripts: Readonly<Record<string, string>> = { bash, zsh, fish, powershell }
