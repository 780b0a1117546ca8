#pragma once
// What the machine can do: the bandwidth of its memory, over all ranks and threads at once.

#include <cstddef>
#include <nlohmann/json.hpp>

#include "partition/comm/communicator.hpp"

namespace gasket::bench {

/// STREAM's triad a = b + 3 c, counted as 24 bytes an element, and a plain sum, 8 bytes: the best of `trials`, as
/// a line of the benchmark. `megabytes`: MiB of each of three arrays on each rank. Collective.
nlohmann::json measure_stream(Communicator& comm, std::size_t megabytes, int trials);

}  // namespace gasket::bench
