// What torchrun, Slurm or a person says in the environment of processes that train together. The program alone reads
// it: a product says the same in its request.
#pragma once
#include "figment/training/rendezvous.h"

namespace figment::cli {

/// Of RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, which torchrun sets, or else of what srun sets; one process where
/// there is neither. Throws ConfigError for a variable that is missing or no number.
Rendezvous launched();

}  // namespace figment::cli
