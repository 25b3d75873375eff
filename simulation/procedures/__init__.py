"""Questions that need replications as they go: one file each, which asks the runner and feeds the analysis.

Each has one public function that takes a design, options and a `Runs`, and gives a frozen result: frames and
facts. Nothing is put into words, drawn or written here.
"""
