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
}
