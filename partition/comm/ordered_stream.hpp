#pragma once
// Pieces that all ranks make, taken by rank 0 in rank order: how one file comes from many ranks without a shared file
// system. Memory: one piece.

#include <fmt/format.h>

#include <functional>
#include <span>

#include "partition/comm/communicator.hpp"

namespace gasket {

/// next(piece) fills an empty piece and returns false when it was the last; take(piece) is called on rank 0 for every
/// non-empty piece, rank 0's first. Both may throw Error: it is thrown on all ranks, agreed. Collective.
void stream_to_root(Communicator& comm, const std::function<bool(fmt::memory_buffer&)>& next,
                    const std::function<void(std::span<const char>)>& take);

}  // namespace gasket
