# Thin names over ./dev, which is where things happen.
.DEFAULT_GOAL := help
.PHONY: help demo up quick test lint check prove bench docs lock setup clean
help:
	@./dev help
demo up quick test lint check prove bench docs lock setup clean:
	@./dev $@
