# fish completion of tidemark; tidemark itself says what may come next.
function __tidemark_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l answer (tidemark __complete $words[2..] 2>/dev/null)
    set -q answer[1]; or return
    if set -q answer[2]
        printf '%s\n' $answer[1..-2]
    end
    switch $answer[-1]
        case :files
            __fish_complete_path (commandline -ct)
        case :folders
            __fish_complete_directories (commandline -ct) ''
    end
end
complete -c tidemark -f -a '(__tidemark_complete)'
