"""Sentences about the shelf of drivers, in English."""

TEXTS: dict[str, str] = {
    "unknown": "there is no driver `{name}`",
    "did-you-mean": "did you mean `{word}`?",
    "hint-unknown": "looked in {folders}; `benchctl drivers list` shows all",
    "broken": "the driver `{name}` is broken: {place}: {what}",
    "hint-broken": "mend the file; `benchctl drivers list` shows whether it is in order",
    "wrong": "the driver `{name}` is declared wrongly: {path}: {what}",
    "not-one": "the driver `{name}` must declare one instrument: {path} declares {found}",
    "hint-not-one": "write DRIVER = TheClass, or begin the names of the others with an underscore",
    "no-driver": "the driver `{name}` is no Instrument: {path}",
}
