"""Run one scenario as a Hydra application, with its overrides, completion and sweeps (-m).

    python experiments/run.py city=street policy=digitization study.replications=2
    python experiments/run.py -m city=street policy=team_expansion,digitization

Results have addresses by content, so the jobs of a sweep never mix.
"""

from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from simulation.configuration import guarded


@hydra.main(version_base="1.3", config_path="../configs", config_name="vetsim")
def main(_: DictConfig) -> None:
    """Do one job."""
    from simulation.cli import job

    state = HydraConfig.get()
    added = [
        Path(source.path) for source in state.runtime.config_sources if source.provider == "command-line"
    ]
    job("run", list(state.overrides.task), added[0] if added else None, sweep=state.mode is RunMode.MULTIRUN)


if __name__ == "__main__":
    with guarded():
        main()
