#include "partition/place/edge_stream.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "partition/hash.hpp"
#include "partition/permutation.hpp"
#include "partition/prefetch.hpp"

namespace gasket {
namespace {

constexpr std::size_t kWindow = std::size_t{1} << 22;
constexpr std::size_t kBatch = std::size_t{1} << 16;
constexpr std::size_t kBatchAlone = std::size_t{1} << 11;  // stays in the cache
constexpr std::size_t kMostEmpty = 16;                     // slots of a window to its edges, about
constexpr int kRunShift = 3;
constexpr std::size_t kShortWindow = std::size_t{1} << 16;  // is shuffled edge by edge, being in the cache anyway

struct Ends {
  GlobalId source, target;
};

Ends edge(const EdgeChunk& chunk, std::size_t i) {
  if (!chunk.narrow.empty()) return {chunk.narrow[2 * i], chunk.narrow[2 * i + 1]};
  return {chunk.wide[2 * i], chunk.wide[2 * i + 1]};
}

void prefetch_edge(const EdgeChunk& chunk, std::size_t i) {
  if (!chunk.narrow.empty())
    prefetch(&chunk.narrow[2 * i]);
  else
    prefetch(&chunk.wide[2 * i]);
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
  batch_edges_ = !alone_                    ? std::clamp<std::size_t>(most / 64, 16, kBatch)
                 : order == Order::shuffled ? kBatchAlone
                                            : kBatch;
  batches_ = comm.max<std::uint64_t>((mine + batch_edges_ - 1) / batch_edges_);
}

void EdgeStream::rewind() {
  batch_number_ = 0;
  chunk_ = at_ = 0;
  slot_ = slots_ = 0;
}

void EdgeStream::open_window() {
  window_begin_ = chunk_;
  std::size_t edges = 0, longest = 1;
  for (; chunk_ < chunks_.size() && edges < kWindow; ++chunk_) {
    const std::size_t more = edges_[chunks_[chunk_]].size(), room = std::max(longest, more);
    // Every chunk has as many slots as the longest: one that is much longer than the others begins a window of its own.
    const std::size_t chunks = chunk_ - window_begin_ + 1;
    if (chunks > 1 && chunks * room > kMostEmpty * (edges + more)) break;
    edges += more;
    longest = room;
  }
  run_shift_ = edges < kShortWindow ? 0 : kRunShift;
  shift_ = std::bit_width((longest - 1) >> run_shift_);
  slots_ = static_cast<std::uint64_t>(chunk_ - window_begin_) << shift_;
  slot_ = 0;
}

void EdgeStream::take(std::uint32_t chunk, std::size_t first, std::size_t count) {
  runs_.push_back({chunk, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)});
  size_ += count;
  longest_ = std::max(longest_, runs_.back().count);
}

void EdgeStream::take_in_order() {
  while (size_ < batch_edges_ && chunk_ < chunks_.size()) {
    const std::uint32_t c = chunks_[chunk_];
    const std::size_t count = std::min(batch_edges_ - size_, edges_[c].size() - at_);
    take(c, at_, count);
    at_ += count;
    if (at_ < edges_[c].size()) continue;
    ++chunk_;
    at_ = 0;
  }
}

void EdgeStream::take_by_lot() {
  while (size_ < batch_edges_) {
    if (slot_ == slots_) {
      if (chunk_ == chunks_.size()) return;
      open_window();
    }
    const std::uint64_t mask = (std::uint64_t{1} << shift_) - 1;
    const Permutation shuffle(slots_, RandomStream(seed_, window_begin_));
    for (; slot_ < slots_ && size_ < batch_edges_; ++slot_) {
      const std::uint64_t slot = shuffle(slot_);
      const std::uint32_t c = chunks_[window_begin_ + (slot >> shift_)];
      const std::size_t first = (slot & mask) << run_shift_;
      if (first >= edges_[c].size()) continue;
      prefetch_edge(edges_[c], first);  // read when the batch is complete
      take(c, first, std::min(edges_[c].size() - first, std::size_t{1} << run_shift_));
    }
  }
}

bool EdgeStream::next() {
  runs_.clear();
  size_ = longest_ = 0;
  if (batch_number_ == batches_) return false;
  ++batch_number_;
  if (order_ == Order::input)
    take_in_order();
  else
    take_by_lot();
  return true;
}

}  // namespace gasket
