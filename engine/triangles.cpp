#include "engine/triangles.hpp"

#include <atomic>
#include <optional>

#include "engine/run_meter.hpp"
#include "engine/skeleton.hpp"
#include "engine/step.hpp"
#include "engine/triangle_kernel.hpp"
#include "engine/triangle_tally.hpp"
#include "engine/triangles_in_place.hpp"
#include "partition/bitmap.hpp"
#include "partition/comm/exchange.hpp"
#include "partition/prefetch.hpp"

namespace gasket {
namespace {

// The rows of consecutive ids, wherever they come from.
template <class Id>
struct RowTable {
  GlobalId first = 0;
  BigArray<std::span<const Id>> rows;
  std::vector<BigArray<Id>> fetched;

  std::span<const Id> operator()(Id id) const { return rows[id - first]; }
  void fetch(Id id) const { prefetch(rows.data() + (id - first)); }
  void fetch_row(Id id) const {
    const Id* const row = rows[id - first].data();
    prefetch(row);
    prefetch(row + kRowLine);
  }
};

template <class Id, bool kArcs>
class SkeletonTriangles {
  using Entry = SkeletonEntry<Id, kArcs>;
  struct Panel {
    GlobalId begin, end;  // multiples of the number of ranks
  };
  struct Corner {
    std::uint64_t closed = 0, degree = 0;
  };

 public:
  SkeletonTriangles(const DistributedGraph& graph, const TriangleOptions& options)
      : graph_(graph),
        options_(options),
        comm_(graph.communicator()),
        ranks_(static_cast<std::uint64_t>(comm_.size())),
        skeleton_(graph, options.arcs_per_round),
        corners_(skeleton_.entries()),
        own_(skeleton_.rows()) {}

  TriangleTally run() {
    for (const Panel& panel : cut_panels()) {
      const RowTable<Id> table = fetch(panel);
      close(panel, table);
    }
    TriangleTally tally = to_masters(sum_corners());
    for (const std::uint64_t own : own_) tally.at_lowest += own;
    return tally;
  }

 private:
  std::size_t me() const { return static_cast<std::size_t>(comm_.rank()); }
  std::size_t first_row(const Panel& panel) const { return std::min(skeleton_.rows(), panel.begin / ranks_); }
  std::size_t end_row(const Panel& panel) const { return std::min(skeleton_.rows(), panel.end / ranks_); }
  // The first position of a row with an entry from `id` on.
  static std::size_t lower(std::span<const Id> row, GlobalId id) {
    return static_cast<std::size_t>(std::ranges::lower_bound(row, id, {}, [](Id e) { return GlobalId{Entry::id(e)}; }) -
                                    row.begin());
  }

  // Ranges of ids whose rows fit into the budget, however they are spread over ranks; the same on all ranks.
  std::vector<Panel> cut_panels() {
    constexpr std::uint64_t kChunks = 1024;
    const std::uint64_t per_rank = (graph_.vertices() + ranks_ - 1) / ranks_;
    const std::uint64_t chunk_rows = std::max<std::uint64_t>(1, (per_rank + kChunks - 1) / kChunks);
    std::vector<std::uint64_t> entries((per_rank + chunk_rows - 1) / chunk_rows);
    for (std::size_t row = 0; row < skeleton_.rows(); ++row) entries[row / chunk_rows] += skeleton_.row(row).size();
    comm_.all_reduce_in_place(std::span(entries), std::plus<>());
    std::vector<Panel> panels;
    std::uint64_t bytes = 0;
    for (std::uint64_t chunk = 0; chunk < entries.size(); ++chunk) {
      const std::uint64_t begin = chunk * chunk_rows * ranks_, end = begin + chunk_rows * ranks_;
      const std::uint64_t more = entries[chunk] * sizeof(Id) + (end - begin) * sizeof(std::span<const Id>);
      if (panels.empty() || bytes + more > options_.bytes_per_round) {
        panels.push_back({begin, end});
        bytes = 0;
      }
      panels.back().end = end;
      bytes += more;
    }
    return panels;
  }

  // -- Fetching -------------------------------------------------------------------------------------------

  RowTable<Id> fetch(const Panel& panel) {
    RowTable<Id> table{panel.begin, BigArray<std::span<const Id>>(panel.end - panel.begin), {}};
    for (std::size_t row = first_row(panel); row < end_row(panel); ++row)
      table.rows[skeleton_.id_of(row) - panel.begin] = skeleton_.row(row);
    if (ranks_ > 1) fetch_remote(panel, table);
    return table;
  }

  // Every rank says by a bit per row which it needs, and gets their lengths and entries.
  void fetch_remote(const Panel& panel, RowTable<Id>& table) {
    std::vector<Bits> wanted = wanted_rows(panel), requests;
    for (const Bits& bits : wanted) requests.emplace_back(std::span<const std::uint64_t>(bits.span()));
    const std::vector<Bits> asked = exchange(comm_, std::move(requests));
    std::vector<BigArray<std::uint32_t>> lengths;
    std::vector<BigArray<Id>> entries;
    for (const Bits& bits : asked) {
      std::uint64_t rows = 0, size = 0;
      for_each_bit(bits, [&](std::size_t i) {
        ++rows;
        size += skeleton_.row(panel.begin / ranks_ + i).size();
      });
      BigArray<std::uint32_t> row_lengths(rows);
      BigArray<Id> row_entries(size);
      rows = size = 0;
      for_each_bit(bits, [&](std::size_t i) {
        const std::span<const Id> row = skeleton_.row(panel.begin / ranks_ + i);
        row_lengths[rows++] = static_cast<std::uint32_t>(row.size());
        std::ranges::copy(row, row_entries.data() + std::exchange(size, size + row.size()));
      });
      lengths.push_back(std::move(row_lengths));
      entries.push_back(std::move(row_entries));
    }
    lengths = exchange(comm_, std::move(lengths));
    table.fetched = exchange(comm_, std::move(entries));
    for (std::size_t r = 0; r < wanted.size(); ++r) {
      std::size_t next = 0, at = 0;
      for_each_bit(wanted[r], [&](std::size_t i) {
        const std::size_t length = lengths[r][next++];
        table.rows[i * ranks_ + r] = {table.fetched[r].data() + std::exchange(at, at + length), length};
      });
    }
  }

  using Bits = BigArray<std::uint64_t>;

  template <class Visit>
  static void for_each_bit(const Bits& bits, const Visit& visit) {
    for (std::size_t word = 0; word < bits.size(); ++word)
      for (std::uint64_t left = bits[word]; left != 0; left &= left - 1)
        visit(word * 64 + static_cast<std::size_t>(std::countr_zero(left)));
  }

  // Of each other rank, the rows of the panel that some row here is to be intersected with.
  std::vector<Bits> wanted_rows(const Panel& panel) {
    const std::uint64_t rows = (panel.end - panel.begin) / ranks_;
    std::vector<Bits> wanted;
    for (std::size_t r = 0; r < ranks_; ++r) wanted.emplace_back(r == me() ? 0 : (rows + 63) / 64);
    for_rows_above(panel, [&](const Cut& now, const Cut&, const Cut&) {
      for (std::size_t k = std::max<std::size_t>(now.from, 1); k < now.to; ++k) {
        const std::uint64_t offset = Entry::id(now.row[k]) - panel.begin;
        const std::uint64_t r = offset % ranks_, i = offset / ranks_, bit = std::uint64_t{1} << (i % 64);
        if (r == me()) continue;
        std::atomic_ref<std::uint64_t> word(wanted[r][i / 64]);
        if ((word.load(std::memory_order_relaxed) & bit) == 0) word.fetch_or(bit, std::memory_order_relaxed);
      }
    });
    return wanted;
  }

  // A row here, and its entries from .. to-1 that lie in a panel.
  struct Cut {
    std::size_t number;
    std::span<const Id> row;
    std::size_t from, to;
  };
  Cut cut(std::size_t number, const Panel& panel) const {
    const std::span<const Id> row = skeleton_.row(number);
    const std::size_t from = panel.begin == 0 ? 0 : lower(row, panel.begin);
    return {number, row, from,
            panel.end >= graph_.vertices() ? row.size() : from + lower(row.subspan(from), panel.end)};
  }

  // Calls visit(cut, next, far) for the rows here that may have entries in the panel, and with the two rows after each
  // (or the same again), by all workers.
  template <class Visit>
  void for_rows_above(const Panel& panel, const Visit& visit) const {
    const auto blocks = cut_skeleton_rows(first_row(panel), skeleton_.rows());
    parallel::for_each_index(blocks.size(), [&](std::size_t b) {
      const auto [begin, end] = blocks[b];
      Cut now = cut(begin, panel), next = cut(std::min(begin + 1, end - 1), panel);
      for (std::size_t i = begin; i < end; ++i) {
        const Cut far = cut(std::min(i + 2, end - 1), panel);
        visit(now, next, far);
        now = next;
        next = far;
      }
    });
  }

  // -- Closing --------------------------------------------------------------------------------------------

  void close(const Panel& panel, const RowTable<Id>& table) {
    TriangleKernel<Id, kArcs, RowTable<Id>> kernel(table, graph_.vertices(), panel.begin,
                                                   std::min<GlobalId>(panel.end, graph_.vertices()));
    for_rows_above(panel, [&](const Cut& now, const Cut& next, const Cut& far) {
      kernel.announce(far.row, far.from, far.to);
      kernel.announce_next(next.row, next.from, next.to);
      if (now.to > std::max<std::size_t>(now.from, 1))
        own_[now.number] += kernel.close(now.row, now.from, now.to, corners_.data() + skeleton_.begin(now.number));
    });
  }

  // -- Summing up -----------------------------------------------------------------------------------------

  // For the vertices whose rows are here: what all rows say of them. Ids go in ranges that bound the memory.
  BigArray<Corner> sum_corners() {
    BigArray<Corner> sums(skeleton_.rows());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = {own_[i], skeleton_.row(i).size()};
    const std::uint64_t rows = std::max<std::uint64_t>(1, options_.bytes_per_round / sizeof(Corner) / ranks_);
    const std::uint64_t per_rank = (graph_.vertices() + ranks_ - 1) / ranks_;
    for (std::uint64_t row = 0; row < per_rank; row += rows) {
      const Panel panel{row * ranks_, std::min(per_rank, row + rows) * ranks_};
      for (const BigArray<Corner>& part : exchange(comm_, corners_in(panel)))
        for (std::size_t i = 0; i < part.size() && row + i < sums.size(); ++i) {
          sums[row + i].closed += part[i].closed;
          sums[row + i].degree += part[i].degree;
        }
    }
    return sums;
  }

  // What the rows here say of the ids of a panel, by rank. Everybody adds to the first ids: there each worker has sums
  // of its own.
  std::vector<BigArray<Corner>> corners_in(const Panel& panel) const {
    constexpr std::size_t kHot = std::size_t{1} << 14;
    std::vector<BigArray<Corner>> sums, hot;
    for (std::uint64_t r = 0; r < ranks_; ++r) sums.emplace_back((panel.end - panel.begin) / ranks_);
    for (int i = 0; i < parallel::threads(); ++i) hot.emplace_back(std::min(kHot, panel.end - panel.begin));
    for_rows_above(panel, [&](const Cut& now, const Cut&, const Cut&) {
      BigArray<Corner>& mine = hot[static_cast<std::size_t>(parallel::worker_index())];
      const std::uint32_t* const corners = corners_.data() + skeleton_.begin(now.number);
      for (std::size_t k = now.from; k < now.to; ++k) {
        const std::uint64_t offset = Entry::id(now.row[k]) - panel.begin;
        if (offset < mine.size()) {
          mine[offset].closed += corners[k];
          ++mine[offset].degree;
        } else {
          Corner& sum = sums[offset % ranks_][offset / ranks_];
          if (corners[k] > 0) add_shared(sum.closed, corners[k]);
          add_shared(sum.degree, 1);
        }
      }
    });
    for (const BigArray<Corner>& mine : hot)
      for (std::size_t offset = 0; offset < mine.size(); ++offset) {
        sums[offset % ranks_][offset / ranks_].closed += mine[offset].closed;
        sums[offset % ranks_][offset / ranks_].degree += mine[offset].degree;
      }
    return sums;
  }

  // Every rank asks for the vertices it masters.
  TriangleTally to_masters(const BigArray<Corner>& sums) {
    const std::span<const Id> ids = skeleton_.master_ids();
    std::vector<std::size_t> counts(ranks_);
    for (const Id id : ids) ++counts[id % ranks_];
    std::vector<BigArray<Id>> asking;
    for (std::size_t& count : counts) asking.emplace_back(std::exchange(count, 0));
    for (const Id id : ids) asking[id % ranks_][counts[id % ranks_]++] = static_cast<Id>(id / ranks_);
    std::vector<BigArray<Corner>> answers;
    for (const BigArray<Id>& rows : exchange(comm_, std::move(asking))) {
      answers.emplace_back(rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) answers.back()[i] = sums[rows[i]];
    }
    answers = exchange(comm_, std::move(answers));
    std::ranges::fill(counts, 0);
    TriangleTally tally{BigArray<std::uint64_t>(ids.size()), BigArray<std::uint32_t>(ids.size())};
    for (std::size_t v = 0; v < ids.size(); ++v) {
      const std::uint64_t r = ids[v] % ranks_;
      const Corner& corner = answers[r][counts[r]++];
      tally.closed[v] = corner.closed;
      tally.degrees[v] = static_cast<std::uint32_t>(corner.degree);
      tally.wedges += wedges_at(corner.degree);
    }
    return tally;
  }

  const DistributedGraph& graph_;
  const TriangleOptions& options_;
  Communicator& comm_;
  std::uint64_t ranks_;
  Skeleton<Id, kArcs> skeleton_;
  BigArray<std::uint32_t> corners_;  // by entry: what its vertex gets from triangles whose lowest corner has the row
  BigArray<std::uint64_t> own_;      // by row: what the lowest corner gets
};

template <bool kArcs>
TriangleTally tally(const DistributedGraph& graph, const TriangleOptions& options, bool want_degrees) {
  if (!graph.has_by_target() || !graph.has_by_source())
    throw_agreed(UsageError("triangles need the rows of both directions"));
  if (!kArcs && !options.wide && serves_in_place(graph))
    if (std::optional<TriangleTally> found = TrianglesInPlace(graph, want_degrees).run()) return *std::move(found);
  constexpr std::uint64_t kNarrow = std::uint64_t{1} << (32 - SkeletonEntry<std::uint32_t, kArcs>::kShift);
  if (!options.wide && graph.vertices() < kNarrow) return SkeletonTriangles<std::uint32_t, kArcs>(graph, options).run();
  return SkeletonTriangles<std::uint64_t, kArcs>(graph, options).run();
}

template <class Body>
double sum_over(std::size_t size, const Body& value_of) {
  return parallel::reduce_ranges<double>(
      size, kPass, 0,
      [&](std::size_t begin, std::size_t end) {
        double sum = 0;
        for (std::size_t v = begin; v < end; ++v) sum += value_of(v);
        return sum;
      },
      std::plus<>());
}

}  // namespace

TriangleResult count_triangles(const DistributedGraph& graph, const TriangleOptions& options) {
  Communicator& comm = graph.communicator();
  const RunMeter meter(comm);
  const parallel::Team team;
  TriangleTally counted = tally<false>(graph, options, false);
  TriangleResult result;
  result.triangles = comm.sum(counted.at_lowest);
  result.wedges = comm.sum(counted.wedges);
  result.counts = std::move(counted.closed);
  result.record.converged = true;
  meter.finish(result.record);
  return result;
}

ClusteringResult local_clustering(const DistributedGraph& graph, const TriangleOptions& options) {
  const RunMeter meter(graph.communicator());
  const parallel::Team team;
  const TriangleTally counted =
      graph.directed() ? tally<true>(graph, options, true) : tally<false>(graph, options, true);
  // Without directions every edge between neighbours is two arcs.
  const double arcs = graph.directed() ? 1 : 2;
  ClusteringResult result;
  result.coefficients = BigArray<double>(graph.masters());
  const double sum = sum_over(graph.masters(), [&](std::size_t v) {
    const auto d = static_cast<double>(counted.degrees[v]);
    return result.coefficients[v] = d < 2 ? 0 : arcs * static_cast<double>(counted.closed[v]) / (d * (d - 1));
  });
  result.average = graph.communicator().sum(sum) / static_cast<double>(std::max<GlobalId>(graph.vertices(), 1));
  result.record.converged = true;
  meter.finish(result.record);
  return result;
}

}  // namespace gasket
