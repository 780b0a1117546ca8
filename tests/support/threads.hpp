#pragma once
// So many worker threads until the end of the scope, one after it.

#include "partition/parallel.hpp"

namespace gasket::test {

struct Threads {
  explicit Threads(int count) { parallel::set_threads(count); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { parallel::set_threads(1); }
};

}  // namespace gasket::test
