#pragma once
// How an update program is run, and what comes of it.

#include <cstdint>

#include "engine/async/async_options.hpp"
#include "engine/async/async_record.hpp"
#include "engine/scope/trace.hpp"
#include "engine/scope/update_program.hpp"
#include "partition/big_array.hpp"

namespace gasket {

/// Breaks the locking on purpose, for tests of what watches over it.
struct LockFaults {
  std::uint64_t skip_one_in = 0;  // leaves out the lock of one neighbour of so many; 0: of none
  bool reverse = false;           // every other update takes its locks in descending order of ranks
};

struct ScopeOptions : AsyncOptions {
  Consistency consistency = Consistency::edge;
  std::size_t pipeline = 1000;  // scopes of a rank for which locks are asked at a time
  int lock_shift = 0;           // a lock is for 2^lock_shift vertices
  std::uint64_t seed = 1;       // of scope.random()
  Trace* trace = nullptr;       // to be filled
  LockFaults faults{};
};

template <class P>
struct ScopeResult {
  BigArray<typename P::Data> values;  // of the masters, by local id
  BigArray<EdgeDataOf<P>> edges;      // by edge id of the scope graph; empty without EdgeData
  BigArray<std::uint32_t> runs;       // updates of every master
  GlobalOf<P> global{};
  AsyncRecord record;
};

}  // namespace gasket
