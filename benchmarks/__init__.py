"""Speed and memory as ratios, each measured side by side in one run.

    python -m benchmarks            all of it, and writes benchmarks/RESULTS.md
    python -m benchmarks kernel     one part: kernel, scoring, features, files, generator, start

A machine's speed drifts within minutes, so no absolute time means anything: ours and the yardstick are
timed in turn, and the ratio is taken pair by pair.
"""
