"""Sentences that explain a verdict; their ids have no room in front."""

TEXTS: dict[str, str] = {
    # an error against its limits
    "inside": "{error} lies within {mpe}{reference}",
    "outside": "{error} lies outside {mpe}{reference}",
    "inside-after-retest": (
        "after a retest {inside} of {of} runs ({values}) lie within {mpe}, {needed} must; {mean}"
    ),
    "outside-after-retest": (
        "after a retest {inside} of {of} runs ({values}) lie within {mpe}, {needed} must; {mean}"
    ),
    "retest-incomplete": (
        "the retest is not complete: {runs} of {of} runs are there ({values}),"
        " {inside} within {mpe}"
    ),
    "mean-inside": "the mean {mean} lies within, too",
    "mean-outside": "the mean {mean} lies outside",
    "not-measured": "no valid measurement: {problem}",
    "no-value": "there is no valid run",
    # an error and its uncertainty against acceptance limits
    "accepted": "{error} lies within the acceptance limits {accept} ({mpe} less a guard band of {w}){reference}",
    "rejected": "{error} lies outside the acceptance limits {accept} ({mpe} less a guard band of {w}){reference}",
    "clearly-outside": "{error} lies outside {mpe} by more than the guard band of {w}{reference}",
    "conditional-pass": "{error} lies within {mpe}, but not within the acceptance limits {accept} (guard band {w}): conditional pass{reference}",
    "conditional-fail": "{error} lies outside {mpe}, by no more than the guard band of {w}: conditional fail{reference}",
    "undetermined": "{error} lies closer to a limit of {mpe} than the guard band of {w}: neither pass nor fail{reference}",
    "uncertainty-too-large": "the uncertainty U = {U} is too large for {mpe}: {need}{reference}",
    "none-accepted": "no value could be accepted",
    "u-adequate": "U = {U} is at most {share} of the limit ({most})",
    "most": "at most {share} of the limit is allowed ({most})",
    "conforms": "it conforms with a probability of {p}, and does not with {outside}",
    # the reference
    "clause": "; {clause}",
    "reference-adequate": (
        "the reference's U = {U} is at most {share} of the limit {limit} ({most})"
    ),
    "reference-inadequate": (
        "the reference's U = {U} is more than {share} of the limit {limit} ({most})"
    ),
    "share": "{ratio}",
    "share-2": "one half",
    "share-3": "one third",
    "share-4": "one quarter",
    "share-5": "one fifth",
    "share-10": "one tenth",
    # items that are answered or observed
    "answered-yes": "{by} answered yes",
    "answered-no": "{by} answered no",
    "held": "it fell by {drop}; {limit} is allowed",
    "line-not-tight": (
        "the line lost {drop} ({limit} is allowed) or leaked, but this unit was found tight:"
        " repeat without the one that leaks"
    ),
    "leaks": "{by} found this unit leaking (the line lost {drop}, {limit} is allowed)",
    "read-inside": "{value} fulfils {rule}",
    "read-outside": "{value} does not fulfil {rule}",
    "no-signal": "no signal on {role} in {waited} s although water flowed: the unit stands still or gives no pulses",
    "no-signal-unclear": "no signal on {role} in {waited} s, too short to tell: a unit that works may give none either",
    "no-answer": "the instrument that reads {role} did not answer; the unit is not to blame",
    "stated": "mean of {n} run(s); a calibration states the value and its uncertainty",
    "answered-no-for": "{by} answered no: {reason}",
    "leak-seen": "{by} saw this unit leak at position {position}",
    "vented": "vented {times} times for {seconds} s",
    "air-left": "{by} still saw air in the line",
    "screened-inside": "{screening}; the mean of all readings lies inside by the rule {rule}",
    "screened-outside": "{screening}; the mean of all readings lies outside by the rule {rule}",
    "screened-open": "{screening}; the rule {rule} cannot decide either",
}
