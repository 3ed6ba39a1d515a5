"""The live view of a run: a fold of its events, laid out in lines, drawn by a process of its own.

`state` and `fold` say what a screen knows, `frame` (with `head`, `grid`, `notes`) lays it out as
plain lines of styled text, `painter` puts them on a terminal, `follow` reads a run that goes on in
another process. `viewer` is the process that draws; `stage` starts it beside `benchctl run` and
shares the terminal with it. Drawing therefore never takes time from a sample, and a view that dies
leaves a run with plain lines.

    state = State()
    for stored in lab.events(run):
        state = fold(state, stored)
    for line in frame(state, Words("zh", "gbk"), 80, 24):
        ...
"""
