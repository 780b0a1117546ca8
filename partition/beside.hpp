#pragma once
// Workers that run beside the thread that talks to the network, for as long as it likes: the asynchronous engines have no
// loops to share.

#include <atomic>
#include <functional>

namespace gasket::parallel {

/// Runs main(stop) on the calling thread and helper(worker, stop) on up to threads()-1 others, worker = 1, 2, ...; returns
/// when all have. Both end soon after `stop` is true: it is set when main returns, and when any of them throws. Helpers
/// that find no free thread may begin late or never, so main must be able to do all the work. The first exception is
/// thrown here.
void run_beside(const std::function<void(const std::atomic<bool>& stop)>& main,
                const std::function<void(int worker, const std::atomic<bool>& stop)>& helper);

/// Tells the processor that the thread waits for another, and after a while the system.
class Backoff {
 public:
  void wait();
  void reset() { turns_ = 0; }

 private:
  int turns_ = 0;
};

}  // namespace gasket::parallel
