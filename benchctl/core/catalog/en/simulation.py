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
    "plant-one-kind": "a quantity is just one of {known}; here stands: {found}",
    "plant-not-for": "{key!r} does not belong to {kind!r}",
    "plant-missing": "{kind!r} needs {key!r}",
    "plant-no-quantity": "the plant has no quantity {name!r}",
    "plant-no-channel": "no instrument of the bench file has a channel {name!r}",
    "plant-no-simulator": "the instrument {name!r} has the driver {driver!r}, of which there is no simulated instrument",
    "plant-not-fed": "a plant cannot say what the channel {name!r} shows",
    "plant-how-many": "the bench file has no `positions`: say with `count` how many units there are",
    "plant-no-kind": "no unit is of the kind {kind!r}",
    "plant-kind-missing": "nothing stands here for units of the kind {kind!r}; `usual` is for those without a line of their own",
    "plant-smooth-or-straight": "a curve has either `smooth` or `straight`",
    "plant-twice": "there is a quantity {name!r} of the bench already",
    "plant-cycle": "this depends on itself: {way}",
    "plant-wants": "{name!r} must be a `{kind}` here",
    "plant-position": "`{{position}}` stands in the name of a channel ({name}) just where a quantity of each unit is shown",
    "plant-no-select": "the role {role!r} of the bench file has no `select`",
    "plant-no-value": "{name!r} has no value: {problem}",
    "plant-not-integrable": "{name!r} needs what has no closed form: totals are of sums of quantities times numbers, gains and targets of what has a final value",
    "plant-sums-only": "a total is of a sum of quantities times numbers; what else scales it is its `gain`",
}
