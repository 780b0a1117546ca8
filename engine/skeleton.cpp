#include "engine/skeleton.hpp"

#include <algorithm>
#include <atomic>

#include "engine/degree_order.hpp"
#include "engine/row_blocks.hpp"
#include "partition/comm/exchange.hpp"
#include "partition/parallel.hpp"

namespace gasket {

// Pieces of rows as they travel: the row's number at its owner, a count, so many entries; and again. `ends` cut the
// words so that several workers can read them.
template <class Id, bool kArcs>
struct Skeleton<Id, kArcs>::Stream {
  BigArray<Id> words;
  BigArray<std::uint64_t> ends;

  template <class Visit>
  void for_each_row(std::size_t piece, const Visit& visit) const {
    for (std::uint64_t at = piece == 0 ? 0 : ends[piece - 1]; at < ends[piece]; at += 2 + words[at + 1])
      visit(static_cast<std::size_t>(words[at]),
            std::span<const Id>(words.data() + at + 2, static_cast<std::size_t>(words[at + 1])));
  }
};

namespace {

constexpr std::size_t kRowsPerTask = 1024;

RowSets rows_of(const DistributedGraph& graph) {
  if (graph.directed()) return {&graph.by_source(), &graph.by_target()};
  return {graph.has_by_source() ? &graph.by_source() : &graph.by_target(), nullptr};
}

}  // namespace

template <class Id, bool kArcs>
Skeleton<Id, kArcs>::Skeleton(const DistributedGraph& graph, std::uint64_t arcs_per_round)
    : vertices_(graph.vertices()),
      rank_(static_cast<std::uint64_t>(graph.communicator().rank())),
      ranks_(static_cast<std::uint64_t>(graph.communicator().size())) {
  std::vector<Stream> streams;
  {
    BigArray<Id> ids = order_by_degree<Id>(graph);
    streams = exchange_arcs(graph, ids, arcs_per_round);
    ids.shrink(graph.masters());
    master_ids_ = std::move(ids);
  }
  fill_rows(std::move(streams));
  sort_rows();
}

// The local arcs of v to vertices of higher degree. Every arc is taken at its lower end: where it is an out-arc of that
// from the rows of sources, where it is an in-arc from the rows of targets. An undirected edge has an arc each way, and
// one of them is enough.
template <class Id, bool kArcs>
void Skeleton<Id, kArcs>::collect(const DistributedGraph& graph, const BigArray<Id>& ids, LocalId v,
                                  std::vector<std::vector<Id>>& to) const {
  const RowSets sets = rows_of(graph);
  const EdgeCount most = degree(sets, v);
  if (most == 0) return;
  const Id id = ids[v];
  std::vector<Id>& out = to[id % ranks_];
  const std::size_t at = out.size();
  out.resize(at + 2 + most);
  Id* const entries = out.data() + at + 2;
  std::size_t count = 0;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    if (sets[s] == nullptr) continue;
    const Id flag = !kArcs ? 0 : s == 0 ? Entry::kToHigher : Entry::kToLower;
    for (const LocalId u : sets[s]->row(v)) {
      entries[count] = static_cast<Id>(ids[u] << Entry::kShift | flag);
      count += ids[u] < id ? 1 : 0;
    }
  }
  out[at] = static_cast<Id>(id / ranks_);
  out[at + 1] = static_cast<Id>(count);
  out.resize(count == 0 ? at : at + 2 + count);
}

template <class Id, bool kArcs>
std::vector<typename Skeleton<Id, kArcs>::Stream> Skeleton<Id, kArcs>::exchange_arcs(const DistributedGraph& graph,
                                                                                     const BigArray<Id>& ids,
                                                                                     std::uint64_t arcs_per_round) {
  Communicator& comm = graph.communicator();
  const EdgeCount block_arcs = std::min<EdgeCount>(kBlockArcs, std::max<EdgeCount>(arcs_per_round, 1));
  const std::vector<RowBlock> blocks = cut_into_blocks(rows_of(graph), 0, graph.locals(), block_arcs);
  const std::size_t per_round = std::max<std::size_t>(1, arcs_per_round / block_arcs);
  const std::size_t rounds = comm.max((blocks.size() + per_round - 1) / per_round);
  const auto ranks = static_cast<std::size_t>(ranks_);
  std::vector<Stream> streams;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t first = std::min(blocks.size(), round * per_round);
    const std::size_t count = std::min(blocks.size(), first + per_round) - first;
    std::vector<std::vector<std::vector<Id>>> pieces(count, std::vector<std::vector<Id>>(ranks));
    parallel::for_each_index(count, [&](std::size_t b) {
      for (LocalId v = blocks[first + b].begin; v < blocks[first + b].end; ++v) collect(graph, ids, v, pieces[b]);
    });
    std::vector<BigArray<Id>> words;
    std::vector<BigArray<std::uint64_t>> ends;
    for (std::size_t r = 0; r < ranks; ++r) {
      BigArray<std::uint64_t> cuts(count);
      std::uint64_t size = 0;
      for (std::size_t b = 0; b < count; ++b) cuts[b] = size += pieces[b][r].size();
      words.emplace_back(size);
      parallel::for_each_index(count, [&](std::size_t b) {
        std::ranges::copy(pieces[b][r], words[r].data() + cuts[b] - pieces[b][r].size());
        std::vector<Id>().swap(pieces[b][r]);
      });
      ends.push_back(std::move(cuts));
    }
    words = exchange(comm, std::move(words));
    ends = exchange(comm, std::move(ends));
    for (std::size_t r = 0; r < ranks; ++r) streams.push_back({std::move(words[r]), std::move(ends[r])});
  }
  return streams;
}

template <class Id, bool kArcs>
void Skeleton<Id, kArcs>::fill_rows(std::vector<Stream> streams) {
  const auto rows = static_cast<std::size_t>(vertices_ > rank_ ? (vertices_ - rank_ - 1) / ranks_ + 1 : 0);
  begins_ = BigArray<std::uint64_t>(rows);
  lengths_ = BigArray<std::uint32_t>(rows);
  struct Task {
    std::size_t stream, piece;
  };
  std::vector<Task> tasks;
  for (std::size_t s = 0; s < streams.size(); ++s)
    for (std::size_t piece = 0; piece < streams[s].ends.size(); ++piece) tasks.push_back({s, piece});
  const auto for_all = [&](const auto& visit) {
    parallel::for_each_index(tasks.size(),
                             [&](std::size_t t) { streams[tasks[t].stream].for_each_row(tasks[t].piece, visit); });
  };
  for_all([&](std::size_t row, std::span<const Id> part) {
    std::atomic_ref<std::uint32_t>(lengths_[row])
        .fetch_add(static_cast<std::uint32_t>(part.size()), std::memory_order_relaxed);
  });
  std::uint64_t size = 0;
  for (std::size_t row = 0; row < rows; ++row)
    begins_[row] = std::exchange(size, size + std::exchange(lengths_[row], 0));
  entries_ = BigArray<Id>(size);
  for_all([&](std::size_t row, std::span<const Id> part) {
    const auto at = std::atomic_ref<std::uint32_t>(lengths_[row])
                        .fetch_add(static_cast<std::uint32_t>(part.size()), std::memory_order_relaxed);
    std::ranges::copy(part, entries_.data() + begins_[row] + at);
  });
}

// Ascending, and parallel edges made one with the bits of all.
template <class Id, bool kArcs>
void Skeleton<Id, kArcs>::sort_rows() {
  parallel::for_ranges(rows(), kRowsPerTask, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      Id* const entries = entries_.data() + begins_[row];
      std::sort(entries, entries + lengths_[row]);
      std::uint32_t kept = 0;
      for (std::uint32_t i = 0; i < lengths_[row]; ++i) {
        if (kept > 0 && Entry::id(entries[kept - 1]) == Entry::id(entries[i]))
          entries[kept - 1] |= entries[i];
        else
          entries[kept++] = entries[i];
      }
      lengths_[row] = kept;
    }
  });
}

template class Skeleton<std::uint32_t, false>;
template class Skeleton<std::uint32_t, true>;
template class Skeleton<std::uint64_t, false>;
template class Skeleton<std::uint64_t, true>;

}  // namespace gasket
