"""Wordings of the acquisition loop."""

TEXTS: dict[str, str] = {
    "not-finite": "{series}: the reading is not a finite number: {values}",
    # settling
    "settled": "steady for {dwell}: mean {mean}, change at most {bound}",
    "settle-short": "{have} of readings, {dwell} are needed",
    "settle-gaps": "the last {dwell} cannot be split into {blocks} blocks that all have readings",
    "settle-off": "{mean} lies outside {low} to {high}",
    "settle-drifts": "changes by up to {change} in {dwell}; {limit} is allowed",
    "settle-nothing": "no good reading came within {timeout}",
    "settle-timeout": "not settled after {timeout}: {why}",
    # how many readings
    "many-count": "{n} readings, as the procedure says",
    "many-time": "{n} readings in {time}, as the procedure says",
    "many-first": "{n} of the first {least} readings",
    "many-precise": "u_A = {u} after {n} readings is no more than {target}",
    "many-not-precise": "u_A = {u} after {n} readings is still more than {target}",
    "many-stages": (
        "the first {first} readings gave s = {s}; {needed} are needed for ±{half} at {confidence}"
    ),
    "many-stages-most": (
        "the first {first} readings gave s = {s}; of the {needed} needed for ±{half} at"
        " {confidence} only {n} are allowed"
    ),
    "many-wald-pass": (
        "screening passed after {n} readings: the log ratio fell below {pass_below}"
        " (σ = {sigma}, zone ±{zone})"
    ),
    "many-wald-fail": (
        "screening failed after {n} readings: the log ratio rose above {fail_above}"
        " (σ = {sigma}, zone ±{zone})"
    ),
    "many-wald-open": (
        "screening is undecided after {n} readings: the log ratio lies within {pass_below} to"
        " {fail_above} (σ = {sigma}, zone ±{zone})"
    ),
    "many-early": (
        "ended after {n} of {planned} readings: the rest would change the verdict with a"
        " probability of {chance}; {risk} in all are allowed"
    ),
    "many-planned": "{n} of {planned} readings",
    "many-all": "all {n} readings were taken",
    # flying totals
    "readings-missing": (
        "the meter was not read where the measurement starts or stops"
        " ({good} good reads, {lost} failed)"
    ),
    "readings-lost": "failed reads of the meter, left out: {lost}",
    "register-backwards": (
        "the register went back from {before} to {after}: it runs backwards or rolled over"
    ),
    "register-stuck": "the register stood at {register} all the time",
    "register-steps": (
        "the register moves in steps of {interval}; these count as its scale interval"
    ),
    "reference-missing": (
        "the reference was not read from before the first to after the last reading of the meter"
    ),
    "reference-backwards": "the reference total went back by {fall} during the measurement",
    "no-flow": "the reference saw no flow (volume {volume})",
    "flow-changed": "the flow changed by {change} from start to stop",
    "digitiser-lost": "{series}: about {lost} readings are missing; the memory of the instrument ran over, or its rate is not {rate} Hz",
    "no-reference-pulses": "the reference gave no pulse while the unit did",
    "rate-changed": "the rate of the reference changed by {change} from the first half to the second",
}
