"""Sentences of the engine, in English."""

TEXTS: dict[str, str] = {
    "stopped": "stopped by {source}",
    "cut-off": "the run was cut off (power, kill); a later command made the bench safe",
    "internal": "benchctl itself made a mistake: {kind}: {text}",
    "nobody": "nobody is there to answer: {question}",
    "overload": (
        "{serial} bears at most {bound}, but its point {point} needs at least {wanted} "
        "through the line"
    ),
    "inadequate": (
        "the reference is not good enough for {serial} at {point}: U = {U}, "
        "allowed {mpe} × {ratio} = {allowed}"
    ),
    "no-standard": (
        "no certificate stands behind the reference of point {point} ({serial}); "
        "a verification needs one"
    ),
    "did-not-settle": ("{role} did not settle: {mean} after {waited} s, wanted steady at {target}"),
    "too-slow": "{role} reached only {passed} of {wanted} in twice the expected time",
    "left-band": "{role} was {value} on average, outside {band}",
    "no-run": "no valid run was made",
    "alarm": "{channel} is {value}, it must be {expected}; find out why before going on",
    "environment-left": "{role} is {value}, outside {limits}",
    "mount": "Put these meters into the line, spool pieces elsewhere, and vent it: {places}",
    "not-mounted": "the meters were not put into the line",
    "is-tight": "Is position {position} ({serial}) tight?",
    "question": "{en}",
    "unsafe": "NOT SAFE, look now: {names} could not be brought to the safe state",
    "unsafe-after": (
        "NOT SAFE, look now: {names} could not be brought to the safe state; before that: {cause}"
    ),
    "unsafe-hint": "shut the valve and switch the drive off by hand, then `benchctl bench safe`",
    "unknown-service": "unknown service '{name}'; known: verification, calibration, test",
    "unknown-stage": "the procedure has no stage '{name}'; it has {known}",
    "unknown-point": "the procedure has no point '{name}'; it has {known}",
    "no-bench": "no bench file, and the procedure names no simulated bench",
    "no-bench-hint": "give --bench FILE, or put bench.yaml into the lab folder",
    "simulated": "SIMULATED: no bench file was given, so this runs on the simulated bench {bench}",
    "no-uuts": "no units under test were named",
    "no-uuts-hint": "give --batch FILE or --uut SERIAL",
    "no-position": "{serial} is at position {position}, but the line has only {positions}",
    "serial-twice": "the serial number {serial} is given twice",
    "bad-parameter": "{name}: {problem}",
    "no-truth": "only a simulated bench knows the truth about its units",
    "bad-speed": "'{speed}' is not a speed: max, real, or a positive factor",
    "real-bench-speed": "speed {speed} is for simulated benches; a real bench runs in real time",
    "item-unbound": "the item {item} reads {role}, to which the bench binds nothing; a pass needs every item",
    "cannot-stop": "nothing that {role} sets has a safe value, so the flow cannot be stopped from here",
    "never-read": "{role} was not read",
    "no-rest": "{role} did not come to rest in {waited} s",
    "vessel-full": "the vessel is full at {level} before the amount is reached",
    "vessel-small": "the vessel must take {wanted} but holds {holds}",
    "not-emptied": "the vessel was not emptied by {role}",
    "methods-differ": "{serial} is to be measured by the method {one}, {another} by {other}",
    "methods-differ-hint": "one run has one method: split the batch, or give --set method=...",
    "reading-unusual": "This reading is unusual; look again, digit by digit. {question}",
    "reading-swapped": "Two neighbouring digits may be swapped; read again. {question}",
    "reading-second": "A second entry is needed; read again. {question}",
    "reading-differ": "The entries differ; read once more. {question}",
    "reading-give-up": "no two of the entries agree: {entries}",
    "reading-start": "the start reading {start} was typed once and may have had two digits swapped",
    "gate-inside": "{value}, as it must be: {expected}",
    "gate-outside": "{value}, but it must be {expected}",
    "gate-unread": "it could not be read: {problem}",
    "gate-nothing": "{channel} shows nothing to compare with",
    "gate-not-undone": "what was done was not undone: the reading is still off by {left}",
    "gate-declined": "a person said no",
    "gate-failed": "the bench must not be used; its gate failed: {checks}",
    "gate-failed-hint": "find the cause, then `benchctl bench gate`",
    "and": "{one}, {other}",
    "no-gate": "the bench file of {bench} has no section `gate`",
}
