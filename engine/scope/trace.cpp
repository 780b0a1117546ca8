#include "engine/scope/trace.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gasket {
namespace {

// One touch of one update, to be sorted by vertex.
struct Access {
  GlobalId vertex;
  std::uint32_t read;
  std::uint32_t written;
  std::size_t update;

  bool writes() const { return written != read; }
};

class Judge {
 public:
  Judge(std::span<const TraceUpdate> updates, std::span<const TraceTouch> touches, Consistency level)
      : updates_(updates), level_(level), followers_(updates.size()), before_(updates.size(), 0) {
    verdict_.updates = updates.size();
    std::size_t at = 0;
    for (std::size_t u = 0; u < updates.size(); ++u)
      for (std::uint64_t i = 0; i < updates[u].touches; ++i, ++at)
        accesses_.push_back({touches[at].vertex, touches[at].read, touches[at].written, u});
  }

  TraceVerdict run() {
    std::ranges::sort(accesses_, {}, &Access::vertex);
    for (std::size_t begin = 0; begin < accesses_.size();) {
      std::size_t end = begin;
      while (end < accesses_.size() && accesses_[end].vertex == accesses_[begin].vertex) ++end;
      const std::span<Access> same(accesses_.data() + begin, end - begin);
      find_overlaps(same);
      find_conflicts(same);
      begin = end;
    }
    find_cycle();
    return std::move(verdict_);
  }

 private:
  void note(std::string sentence) {
    if (verdict_.first.empty()) verdict_.first = std::move(sentence);
  }
  // The lock that the level puts on a vertex for an update.
  bool exclusive(const Access& access) const {
    return level_ == Consistency::full || updates_[access.update].vertex == access.vertex;
  }

  // In order of begins, every access must begin after all earlier ones that exclude it have ended.
  void find_overlaps(std::span<Access> same) {
    std::ranges::sort(same, {}, [&](const Access& a) { return updates_[a.update].begin; });
    std::int64_t last_end = INT64_MIN, last_exclusive_end = INT64_MIN;
    for (const Access& access : same) {
      const TraceUpdate& update = updates_[access.update];
      if (update.begin < (exclusive(access) ? last_end : last_exclusive_end)) {
        ++verdict_.overlaps;
        note(fmt::format("the update of vertex {} had vertex {} in its scope while another that excludes it did",
                         update.vertex, access.vertex));
      }
      last_end = std::max(last_end, update.end);
      if (exclusive(access)) last_exclusive_end = std::max(last_exclusive_end, update.end);
    }
  }

  // writer of version k -> its readers -> writer of the next version
  void find_conflicts(std::span<Access> same) {
    std::vector<Access> writers;
    for (const Access& access : same)
      if (access.writes()) writers.push_back(access);
    std::ranges::sort(writers, {}, &Access::written);
    for (std::size_t i = 1; i < writers.size(); ++i) {
      if (writers[i].written == writers[i - 1].written) {
        ++verdict_.lost_writes;
        note(fmt::format("two updates, of vertices {} and {}, made the same version {} of vertex {}",
                         updates_[writers[i - 1].update].vertex, updates_[writers[i].update].vertex, writers[i].written,
                         writers[i].vertex));
      }
      order(writers[i - 1].update, writers[i].update);
    }
    for (const Access& access : same) {
      const auto next = std::ranges::upper_bound(writers, access.read, {}, &Access::written);
      if (next != writers.end()) order(access.update, next->update);
      if (next != writers.begin() && std::prev(next)->written == access.read)
        order(std::prev(next)->update, access.update);
    }
  }
  void order(std::size_t first, std::size_t second) {
    if (first == second) return;
    followers_[first].push_back(second);
    ++before_[second];
  }

  // What can not be sorted topologically is on a cycle or behind one.
  void find_cycle() {
    std::vector<std::size_t> free;
    for (std::size_t u = 0; u < before_.size(); ++u)
      if (before_[u] == 0) free.push_back(u);
    std::size_t sorted = 0;
    while (!free.empty()) {
      const std::size_t u = free.back();
      free.pop_back();
      ++sorted;
      for (const std::size_t next : followers_[u])
        if (--before_[next] == 0) free.push_back(next);
    }
    verdict_.cyclic = sorted < updates_.size();
    if (verdict_.cyclic) note("the updates can not be put into any serial order");
  }

  std::span<const TraceUpdate> updates_;
  Consistency level_;
  std::vector<Access> accesses_;
  std::vector<std::vector<std::size_t>> followers_;
  std::vector<std::size_t> before_;
  TraceVerdict verdict_;
};

}  // namespace

TraceVerdict judge(std::span<const TraceUpdate> updates, std::span<const TraceTouch> touches, Consistency level) {
  return Judge(updates, touches, level).run();
}

}  // namespace gasket
