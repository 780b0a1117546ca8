"""Rounds in which every system has its turn, and what is made of their times."""

from statistics import median

from measure.run import Failed, note


def interleave(job, systems, rounds):
    """Every system once a round, another one first each time. name -> samples; one that fails is left out."""
    samples = {system.name: [] for system in systems}
    for round in range(rounds):
        first = round % len(systems)
        for system in systems[first:] + systems[:first]:
            if system.name not in samples:
                continue
            try:
                samples[system.name].append(system.run(job, round))
            except Failed as error:
                note(f"skipped: {job.name} {job.graph.name} {system.name}: {error}")
                del samples[system.name]
        if systems[0].name not in samples:  # gasket itself: there is nothing to compare the others with
            break
        note(f"{job.name} {job.graph.name}: round {round + 1} of {rounds}")
    return samples


def paired_ratios(ours, theirs):
    """ours / theirs of each round, over the sources that both had in it."""
    ratios = []
    for mine, other in zip(ours, theirs):
        common = mine.seconds.keys() & other.seconds.keys()
        if common:
            ratios.append(mine.over(common) / other.over(common))
    return ratios


def best(samples):
    """The time of the round that others disturbed least."""
    return min(sample.over(sample.seconds) for sample in samples)


def typical(samples):
    return median(sample.over(sample.seconds) for sample in samples)
