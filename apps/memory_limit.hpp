#pragma once
// Refusing a graph that is too large, before a byte of it is kept.

#include "partition/comm/session.hpp"
#include "partition/estimate.hpp"

namespace gasket {

/// An estimate may be as much too high: only what is clearly too large is refused without being asked to.
inline constexpr double kEstimateTolerance = 1.5;

/// Throws ResourceError (agreed) when loading in this shape would take more than `memory_limit` bytes (0: no limit) on a
/// rank, or clearly more than the hosts have free, and says how many ranks or hosts would do. Returns the estimate per
/// rank, in bytes. Collective.
double refuse_beyond_memory(Session& session, const EdgeSource& source, const LoadShape& shape,
                            std::uint64_t memory_limit);

}  // namespace gasket
