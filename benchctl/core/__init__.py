"""Clock, units, errors, and the types that flow through the house."""
