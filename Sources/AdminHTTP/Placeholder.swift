// This target is being built; see Sources/README.md.
