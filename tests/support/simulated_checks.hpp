#pragma once
// Checks on the ranks of the simulated network, which are threads.

#include <stdexcept>
#include <vector>

#include "partition/graph/distributed_graph.hpp"

namespace gasket::test {

// Catch's macros are not for several threads: a failed check leaves the virtual rank as an exception.
inline void check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

template <class T, class U>
void check_values(const DistributedGraph& graph, const BigArray<T>& values, const std::vector<U>& expected,
                  const char* what) {
  for (LocalId v = 0; v < graph.masters(); ++v) check(values[v] == expected[graph.global_id(v)], what);
}

}  // namespace gasket::test
