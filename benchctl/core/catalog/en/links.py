"""Sentences about wires, in English."""

TEXTS: dict[str, str] = {
    # addresses
    "bad-scheme": "`{address}` is no address of an instrument",
    "hint-schemes": (
        "write modbus+tcp://host, modbus+rtu:///dev/ttyUSB0, modbus+rtu+tcp://host:port, "
        "serial:///dev/ttyUSB0, serial+tcp://host:port, a VISA resource name, or manual:"
    ),
    "hint-visa": "write the resource name, for example TCPIP::192.168.1.21::INSTR",
    "did-you-mean": "did you mean `{word}`?",
    "no-location": "`{address}` does not say where the instrument is",
    "no-serial-line": "`{address}`: {key} belongs to a serial line, this is none",
    "bad-host": "`{address}`: `{location}` is not host:port",
    "no-port": "`{address}` names no port",
    "hint-port": "write {location}:port",
    "bad-port": "`{address}`: {port} is no port, they run from 1 to 65535",
    "bad-option": "`{address}`: `{option}` is not name=value",
    "option-twice": "`{address}`: {option} is given twice",
    "bad-number": "`{address}`: {key}={value} is not a number from {low} to {high}",
    "bad-choice": "`{address}`: {key}={value} is none of {choices}",
    "not-whole": "`{address}`: baud and bits are whole numbers, not {value}",
    "line-differs": (
        "`{address}` wants the line at {line}, another instrument on it has {other}; "
        "one line has one setting"
    ),
    "not-simulated": "`{address}`: {location} is a place on a simulated bench, and none is running",
    "hint-not-simulated": "run with --simulate, or write the real address",
    # opening
    "unknown-host": "no host is called {host} ({reason})",
    "hint-unknown-host": "check the name, or write the IP address",
    "refused": "{host} refuses a connection on port {port}",
    "hint-refused": "check the port, and whether the instrument allows one more connection",
    "unreachable": "{host}:{port} cannot be reached ({reason})",
    "hint-unreachable": "check power, cable and network of the instrument",
    "no-device": "there is no serial line {path}",
    "hint-no-device": "is the converter plugged in? `ls /dev/serial/by-id` shows what is there",
    "no-permission": "no permission to open {path}",
    "hint-no-permission": "add the user to the group that owns it (dialout on most systems)",
    "in-use": "{path} is in use by another program",
    "hint-in-use": "close the other program: two on one line read each other's answers",
    "cannot-open": "{path} cannot be opened at {settings} ({reason})",
    "hint-cannot-open": "check the line settings against what the converter can do",
    "no-such-baud": "{path} cannot run at {baud} baud",
    "visa-cannot-open": "{resource} cannot be opened ({reason})",
    "hint-visa-cannot-open": "check the resource name, and that the instrument is switched on",
    # exchanging
    "no-reply": "{address}: no answer within {timeout:g} s",
    "hint-no-reply": "check power, cable, line settings and the instrument's address",
    "broke-off": "{address}: the answer broke off after {n} bytes",
    "hint-broke-off": "check cable, termination and line settings",
    "not-taken": "{address} takes no more data",
    "endless": "{address}: {n} bytes and still no end of line",
    "babbling": "{address} keeps sending without being asked",
    "unplugged": "{address} was unplugged ({reason})",
    "hung-up": "{address} closed the connection ({reason})",
    "closed": "{address} is closed",
    "hint-unplugged": "check power and cable; it is opened again at the next attempt",
    "no-wire": "{address} is read by a person, there is no wire to it",
}
