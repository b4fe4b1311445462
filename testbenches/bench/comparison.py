"""Whether two simulators found the same: no ratio of times is shown where they did not."""
import bisect

# Largest difference over the largest value. The peers accept an error of reltol = 1e-3 in every step, and ngspice takes other
# steps than those asked for where a source bends.
TOLERANCE = 1e-2


def interpolated(times, values, time):
    i = min(max(bisect.bisect_left(times, time), 1), len(times) - 1)
    part = (time - times[i - 1]) / (times[i] - times[i - 1])
    return values[i - 1] + part * (values[i] - values[i - 1])


def wave_difference(ours, theirs, probes):
    """Largest difference of two runs on our time points, over each probe's largest value."""
    worst = 0.0
    for probe in probes:
        peak = max(map(abs, ours[probe]))
        if peak == 0:
            raise ValueError(f'v({probe}) never moved: nothing is compared')
        apart = max(abs(value - interpolated(theirs['time'], theirs[probe], time))
                    for time, value in zip(ours['time'], ours[probe]))
        worst = max(worst, apart / peak)
    return worst


def point_difference(ours, theirs, probes):
    """Largest difference of two operating points over the largest voltage."""
    return max(abs(ours[probe] - theirs[probe]) for probe in probes) / max(abs(ours[probe]) for probe in probes)


def difference(workload, ours, theirs):
    """Of two simulators on one workload, each at its own deck."""
    def results(simulator):
        deck = simulator.make_deck(workload.kind, workload.size, workload.is_transient)
        if workload.comparison_probes:
            deck.probes = list(workload.comparison_probes)
        if workload.comparison_step:
            deck.step = workload.comparison_step
        found = simulator.waves(deck, workload.comparison_points) if workload.is_transient else simulator.point(deck)
        return found, deck.probes

    (our_values, probes), (their_values, _) = results(ours), results(theirs)
    return (wave_difference if workload.is_transient else point_difference)(our_values, their_values, probes)
