#include "partition/place/edge_stream.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "partition/hash.hpp"
#include "partition/permutation.hpp"

namespace gasket {
namespace {

constexpr std::size_t kWindow = std::size_t{1} << 22;
constexpr std::size_t kBatch = std::size_t{1} << 16;
constexpr std::size_t kBatchAlone = std::size_t{1} << 12;  // stays in the cache

struct Ends {
  GlobalId source, target;
};

Ends edge(const EdgeChunk& chunk, std::size_t i) {
  if (!chunk.narrow.empty()) return {chunk.narrow[2 * i], chunk.narrow[2 * i + 1]};
  return {chunk.wide[2 * i], chunk.wide[2 * i + 1]};
}

void prefetch_edge(const EdgeChunk& chunk, std::size_t i) {
  if (!chunk.narrow.empty())
    __builtin_prefetch(&chunk.narrow[2 * i]);
  else
    __builtin_prefetch(&chunk.wide[2 * i]);
}

}  // namespace

EdgeStream::EdgeStream(Communicator& comm, std::span<const EdgeChunk> edges, Order order, std::uint64_t seed)
    : edges_(edges), order_(order), seed_(seed), alone_(comm.size() == 1), chunks_(edges.size()) {
  std::iota(chunks_.begin(), chunks_.end(), 0);
  std::erase_if(chunks_, [&](std::uint32_t c) { return edges[c].size() == 0; });
  if (order == Order::shuffled) {
    std::vector<std::uint64_t> hashes(edges.size());
    for (const std::uint32_t c : chunks_) {
      const Ends first = edge(edges[c], 0), last = edge(edges[c], edges[c].size() - 1);
      hashes[c] = mix(mix(mix(mix(mix(seed) + first.source) + first.target) + last.source) + last.target);
    }
    std::ranges::stable_sort(chunks_, {}, [&](std::uint32_t c) { return hashes[c]; });
  }

  EdgeCount mine = 0;
  for (const EdgeChunk& chunk : edges) mine += chunk.size();
  all_edges_ = comm.sum(mine);
  const EdgeCount most = comm.max(mine);
  // Short streams are cut into some batches too, so that the ranks hear of each other early.
  batch_edges_ = alone_ ? kBatchAlone : std::clamp<std::size_t>(most / 64, 16, kBatch);
  batches_ = comm.max<std::uint64_t>((mine + batch_edges_ - 1) / batch_edges_);
}

void EdgeStream::rewind() {
  batch_number_ = 0;
  chunk_ = 0;
  slot_ = slots_ = 0;
}

void EdgeStream::open_window() {
  window_begin_ = chunk_;
  std::size_t edges = 0, longest = 1;
  const std::size_t most = order_ == Order::shuffled ? kWindow : 1;
  for (; chunk_ < chunks_.size() && edges < most; ++chunk_) {
    edges += edges_[chunks_[chunk_]].size();
    longest = std::max(longest, edges_[chunks_[chunk_]].size());
  }
  shift_ = std::bit_width(longest - 1);
  slots_ = static_cast<std::uint64_t>(chunk_ - window_begin_) << shift_;
  slot_ = 0;
}

void EdgeStream::take(std::size_t wanted) {
  const std::uint64_t mask = (std::uint64_t{1} << shift_) - 1;
  const Permutation shuffle(slots_, RandomStream(seed_, window_begin_));
  // Where edges lie first, for some of them; they are read when they have come from memory.
  while (slot_ < slots_ && batch_.size() < wanted) {
    const std::size_t first = batch_.size();
    const std::uint64_t end = std::min(slots_, slot_ + std::min<std::uint64_t>(64, wanted - first));
    for (; slot_ < end; ++slot_) {
      const std::uint64_t slot = order_ == Order::shuffled ? shuffle(slot_) : slot_;
      const std::uint32_t c = chunks_[window_begin_ + (slot >> shift_)];
      const auto i = static_cast<std::uint32_t>(slot & mask);
      if (i >= edges_[c].size()) continue;
      prefetch_edge(edges_[c], i);
      batch_.push_back({0, 0, c, i});
    }
    for (std::size_t k = first; k < batch_.size(); ++k) {
      const Ends ends = edge(edges_[batch_[k].chunk], batch_[k].index);
      batch_[k].source = ends.source;
      batch_[k].target = ends.target;
    }
  }
}

bool EdgeStream::next() {
  batch_.clear();
  if (batch_number_ == batches_) return false;
  ++batch_number_;
  while (batch_.size() < batch_edges_) {
    if (slot_ == slots_) {
      if (chunk_ == chunks_.size()) break;
      open_window();
    }
    take(batch_edges_);
  }
  return true;
}

}  // namespace gasket
