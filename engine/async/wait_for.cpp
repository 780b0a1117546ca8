#include "engine/async/wait_for.hpp"

#include <algorithm>
#include <map>

namespace gasket {

std::vector<GlobalId> find_wait_cycle(std::vector<WaitFor> waits) {
  std::ranges::sort(waits);
  enum class Mark { open, done };
  std::map<GlobalId, Mark> marks;
  struct Step {
    GlobalId vertex;
    std::size_t next;  // position in waits
  };
  const auto first_of = [&](GlobalId v) {
    return static_cast<std::size_t>(std::ranges::lower_bound(waits, v, {}, &WaitFor::waiter) - waits.begin());
  };
  for (const WaitFor& start : waits) {
    if (marks.contains(start.waiter)) continue;
    std::vector<Step> path{{start.waiter, first_of(start.waiter)}};
    marks[start.waiter] = Mark::open;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == waits.size() || waits[step.next].waiter != step.vertex) {
        marks[step.vertex] = Mark::done;
        path.pop_back();
        continue;
      }
      const GlobalId holder = waits[step.next++].holder;
      const auto known = marks.find(holder);
      if (known == marks.end()) {
        marks[holder] = Mark::open;
        path.push_back({holder, first_of(holder)});
      } else if (known->second == Mark::open) {
        std::vector<GlobalId> cycle;
        auto at = std::ranges::find(path, holder, &Step::vertex);
        for (; at != path.end(); ++at) cycle.push_back(at->vertex);
        return cycle;
      }
    }
  }
  return {};
}

}  // namespace gasket
