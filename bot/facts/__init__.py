"""The fact store: model, reading, checking, revisions as values. Knows nothing else of ours."""
