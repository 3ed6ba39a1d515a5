"""Sentences of the run sheet, in English."""

TEXTS: dict[str, str] = {
    "which": "{path}: a run sheet is written as .html or .txt",
    "title": "Run sheet",
    "simulated": "SIMULATED: no real instrument was behind this run",
    "time": "time (UTC)",
    "people": "operator",
    "environment": "environment",
    "standard": "{model}, no. {serial}, certificate {certificate}, due {due}",
    "follows": "repeats what failed in run",
    "reasons": "Why what is no pass is none",
    "incidents": "What happened",
    "operator": "Operator",
    "checked": "Checked by",
    "date": "Date",
    "foot": "{software}; record {root}; this sheet is no certificate",
    "set-aside": "set aside",
    "shown": "Pictures that the operator was shown",
    "scheme": "measurement standard",
}
