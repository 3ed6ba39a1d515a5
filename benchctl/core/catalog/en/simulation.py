"""English wordings of the simulation."""

TEXTS: dict[str, str] = {
    "no-bench": "there is no simulated bench {name!r}; known are: {known}",
    "bad-bench": "the simulated bench {path} cannot be loaded: {problem}",
    "not-one-bench": "{path} must define exactly one subclass of SimulatedBench, not {count}",
    "no-simulator": "{path} has no function `simulator` that returns a SimulatedInstrument",
    "no-fault": "this bench knows no fault {name!r}; known are: {known}",
    "bad-fault": "the fault {name!r} cannot be switched like that: {problem}",
    "no-bus": "this bench has no bus {name!r}; known are: {known}",
    "no-answer": "the simulated operator of {bench} cannot answer: {question}",
    "bad-command": "cannot understand the command {line!r}",
    "command-hint": (
        "commands: state | fault NAME on|off [KEY=VALUE ...] | unplug BUS | plug BUS"
        " | mount POSITION ... | gate CHECK on|off | quit"
    ),
    "did-you-mean": "did you mean {word!r}?",
    "no-hands": "nobody is at the served bench to do what is asked ({address}): {problem}",
    "bad-question": "the question cannot be understood: {problem}",
}
