#pragma once
// Who waits for whom, for the diagnosis of a run that has come to a halt.

#include <optional>
#include <span>
#include <vector>

#include "partition/types.hpp"

namespace gasket {

/// The update of `waiter` waits for a lock that the update of `holder` has.
struct WaitFor {
  GlobalId waiter = 0;
  GlobalId holder = 0;
  auto operator<=>(const WaitFor&) const = default;
};

/// Updates that wait for each other in a circle, each for the next and the last for the first, if there are any.
/// O(waits log waits).
std::vector<GlobalId> find_wait_cycle(std::vector<WaitFor> waits);

}  // namespace gasket
