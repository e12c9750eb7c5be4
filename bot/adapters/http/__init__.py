"""HTTP: health and metrics, on the machine itself unless told otherwise."""
