#include "partition/build/rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <numeric>
#include <type_traits>
#include <vector>

#include "partition/error.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

// An arc on its way: row and neighbour in one number that sorts as the pair does.
struct PlainEntry {
  std::uint64_t key;
};
struct WeightedEntry {
  std::uint64_t key;
  double weight;
};

template <class Entry>
Entry make_entry(LocalId row, LocalId neighbour, double weight) {
  const std::uint64_t key = std::uint64_t{row} << 32 | neighbour;
  if constexpr (std::is_same_v<Entry, WeightedEntry>)
    return {key, weight};
  else
    return {key};
}

constexpr int bits_of(std::uint64_t value) { return static_cast<int>(std::bit_width(value)); }

constexpr LocalId row_of(std::uint64_t key) { return static_cast<LocalId>(key >> 32); }

// Ranges of rows whose arcs are counted together. The first rows have a slot each: in the order of degrees those are the
// hubs.
class Slots {
 public:
  explicit Slots(LocalId rows)
      : shift_(std::max(0, bits_of(rows) - kBits)), count_(rows == 0 ? 1 : std::size_t{of(rows - 1)} + 1) {}
  std::size_t count() const { return count_; }
  std::uint32_t of(LocalId row) const { return row < kAlone ? row : kAlone + ((row - kAlone) >> shift_); }
  LocalId first_row(std::size_t slot) const {
    return static_cast<LocalId>(slot < kAlone ? slot : kAlone + ((slot - kAlone) << shift_));
  }

 private:
  static constexpr int kBits = 12;
  static constexpr LocalId kAlone = LocalId{1} << kBits;
  int shift_;
  std::size_t count_;
};

// Slots in a row, put together to buckets of 2^16 arcs and more, fewer in the last.
struct Buckets {
  Buckets(const Slots& slots, std::span<const EdgeCount> arcs, LocalId rows) : of_slot(slots.count()) {
    constexpr EdgeCount kArcs = EdgeCount{1} << 16;
    EdgeCount held = 0;
    for (std::size_t slot = 0; slot < slots.count(); ++slot) {
      if (slot == 0 || held >= kArcs || held + arcs[slot] > kLargest) {
        first_rows.push_back(slots.first_row(slot));
        held = 0;
      }
      held += arcs[slot];
      of_slot[slot] = static_cast<std::uint32_t>(first_rows.size() - 1);
    }
    first_rows.push_back(rows);
  }
  std::size_t count() const { return first_rows.size() - 1; }

  static constexpr EdgeCount kLargest = EdgeCount{1} << 18;  // where the slots allow
  std::vector<std::uint32_t> of_slot;
  std::vector<LocalId> first_rows;  // by bucket, and the end
};

// Arcs above which a bucket is sorted by all workers.
constexpr std::size_t kLargeBucket = std::size_t{1} << 22;

constexpr int kDigit = 11;
constexpr std::size_t kDigits = std::size_t{1} << kDigit;

// Least-significant-digit radix sort of entries by the row, from first_row to last_row, and the low `column_bits` of the
// neighbour.
template <class Entry>
void radix_sort(std::span<Entry> entries, std::vector<Entry>& scratch, LocalId first_row, LocalId last_row,
                int column_bits) {
  if (entries.size() < 256) {
    std::ranges::sort(entries, {}, &Entry::key);
    return;
  }
  scratch.resize(std::max(scratch.size(), entries.size()));
  std::span<Entry> from = entries, to(scratch.data(), entries.size());
  const std::uint64_t base = std::uint64_t{first_row} << 32;
  const auto pass = [&](int low, int bits) {
    std::array<std::size_t, kDigits> counts{};
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    for (const Entry& entry : from) ++counts[(entry.key - base) >> low & mask];
    std::exclusive_scan(counts.begin(), counts.end(), counts.begin(), std::size_t{0});
    for (const Entry& entry : from) to[counts[(entry.key - base) >> low & mask]++] = entry;
    std::swap(from, to);
  };
  const int row_bits = bits_of(last_row - first_row);
  for (int low = 0; low < column_bits; low += kDigit) pass(low, std::min(kDigit, column_bits - low));
  for (int low = 0; low < row_bits; low += kDigit) pass(32 + low, std::min(kDigit, row_bits - low));
  if (from.data() != entries.data()) std::ranges::copy(from, entries.begin());
}

// Of runs of equal keys: weights ascending, and with `drop` only the first stays. Returns how many entries are left.
template <class Entry>
std::size_t settle_equal(std::span<Entry> entries, bool drop) {
  std::size_t kept = 0;
  for (std::size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    while (end < entries.size() && entries[end].key == entries[begin].key) ++end;
    if constexpr (std::is_same_v<Entry, WeightedEntry>)
      if (end - begin > 1) std::ranges::sort(entries.subspan(begin, end - begin), {}, &Entry::weight);
    for (std::size_t i = begin; i < (drop ? begin + 1 : end); ++i) entries[kept++] = entries[i];
  }
  return kept;
}

[[noreturn]] void refuse_long_row() {
  throw ResourceError("a vertex has 2^32 arcs or more on one rank; use more ranks, or drop duplicates");
}

// `pieces` independent parts of the input; visit_piece(i, give) calls give(row, neighbour, weight) for each arc of part
// i, the same in every call; release_piece(i) is told when part i is not needed any more.
template <class Entry, class VisitPiece, class ReleasePiece>
Adjacency sort_into_rows(std::size_t pieces, LocalId rows, bool drop, const VisitPiece& visit_piece,
                         const ReleasePiece& release_piece) {
  const Slots slots(rows);
  std::vector<std::vector<EdgeCount>> counts(pieces, std::vector<EdgeCount>(slots.count()));
  parallel::for_each_index(pieces, [&](std::size_t p) {
    EdgeCount* const count = counts[p].data();
    visit_piece(p, [&](LocalId row, LocalId, double) { ++count[slots.of(row)]; });
  });
  std::vector<EdgeCount> totals(slots.count());
  for (const auto& piece : counts) std::ranges::transform(totals, piece, totals.begin(), std::plus<>());
  const Buckets buckets(slots, totals, rows);
  // Where each piece's arcs begin in each bucket: bucket after bucket, piece after piece.
  std::vector<std::vector<EdgeCount>> at(pieces, std::vector<EdgeCount>(buckets.count()));
  for (std::size_t p = 0; p < pieces; ++p)
    for (std::size_t slot = 0; slot < slots.count(); ++slot) at[p][buckets.of_slot[slot]] += counts[p][slot];
  counts = {};
  std::vector<EdgeCount> begins(buckets.count() + 1);
  EdgeCount total = 0;
  for (std::size_t b = 0; b < buckets.count(); ++b) {
    begins[b] = total;
    for (auto& piece : at) total += std::exchange(piece[b], total);
  }
  begins[buckets.count()] = total;

  BigArray<Entry> entries(total);
  parallel::for_each_index(pieces, [&](std::size_t p) {
    EdgeCount* const next = at[p].data();
    visit_piece(p, [&](LocalId row, LocalId neighbour, double weight) {
      entries[next[buckets.of_slot[slots.of(row)]]++] = make_entry<Entry>(row, neighbour, weight);
    });
    release_piece(p);
    at[p] = {};
  });

  std::vector<EdgeCount> kept(buckets.count());
  const int column_bits = bits_of(rows);
  std::vector<std::vector<Entry>> scratch(static_cast<std::size_t>(parallel::threads()));
  const auto bucket_at = [&](std::size_t b) {
    return std::span<Entry>(entries.data() + begins[b], begins[b + 1] - begins[b]);
  };
  // A hub's row makes a bucket that no scratch is made for: all workers sort it where it lies.
  for (std::size_t b = 0; b < buckets.count(); ++b)
    if (bucket_at(b).size() > kLargeBucket)
      parallel::sort(bucket_at(b), [](const Entry& x, const Entry& y) { return x.key < y.key; });
  parallel::for_each_index(buckets.count(), [&](std::size_t b) {
    const std::span<Entry> bucket = bucket_at(b);
    if (bucket.size() <= kLargeBucket)
      radix_sort(bucket, scratch[static_cast<std::size_t>(parallel::worker_index())], buckets.first_rows[b],
                 buckets.first_rows[b + 1] - 1, column_bits);
    kept[b] = settle_equal(bucket, drop);
  });
  scratch.clear();

  std::vector<EdgeCount> final_begins(buckets.count());
  std::exclusive_scan(kept.begin(), kept.end(), final_begins.begin(), EdgeCount{0});
  const EdgeCount final_total = std::accumulate(kept.begin(), kept.end(), EdgeCount{0});
  Adjacency result;
  BigArray<std::uint32_t> lengths(std::size_t{rows} + 1);
  result.neighbours = BigArray<LocalId>(final_total);
  BigArray<double> weights(std::is_same_v<Entry, WeightedEntry> ? final_total : 0);
  parallel::for_each_index(buckets.count(), [&](std::size_t b) {
    EdgeCount out = final_begins[b];
    for (EdgeCount i = begins[b]; i < begins[b] + kept[b]; ++i, ++out) {
      if (++lengths[row_of(entries[i].key)] == 0) refuse_long_row();
      result.neighbours[out] = static_cast<LocalId>(entries[i].key);
      if constexpr (std::is_same_v<Entry, WeightedEntry>) weights[out] = entries[i].weight;
    }
  });
  entries.free();
  result.offsets = RowOffsets(std::move(lengths));
  result.weights = ArcWeights(std::move(weights));
  return result;
}

// Parts of the input to be worked on at a time: each needs a counter per bucket, and a rank may receive its arcs in very
// many blocks.
class Pieces {
 public:
  explicit Pieces(std::size_t blocks)
      : blocks_(blocks), count_(std::min(blocks, 8 * static_cast<std::size_t>(parallel::threads()))) {}
  std::size_t count() const { return count_; }
  template <class Visit>
  void for_each_block(std::size_t piece, const Visit& visit) const {
    for (std::size_t b = blocks_ * piece / count_; b < blocks_ * (piece + 1) / count_; ++b) visit(b);
  }

 private:
  std::size_t blocks_, count_;
};

template <class Entry>
Adjacency sort_arcs(Arcs& arcs, LocalId rows, RowKey key, bool drop) {
  const Pieces pieces(arcs.blocks.size());
  const auto visit_block = [&](std::size_t b, const auto& give) {
    const EdgeChunk& block = arcs.blocks[b];
    const double* const weights = block.weights.data();
    const auto weight = [&](std::size_t i) { return std::is_same_v<Entry, WeightedEntry> ? weights[i] : 0.0; };
    arcs.for_each_arc(block, [&](auto s, auto t, std::size_t i) {
      const auto source = static_cast<LocalId>(s), target = static_cast<LocalId>(t);
      if (key == RowKey::target)
        give(target, source, weight(i));
      else
        give(source, target, weight(i));
    });
  };
  return sort_into_rows<Entry>(
      pieces.count(), rows, drop,
      [&](std::size_t p, const auto& give) { pieces.for_each_block(p, [&](std::size_t b) { visit_block(b, give); }); },
      [&](std::size_t p) { pieces.for_each_block(p, [&](std::size_t b) { arcs.blocks[b] = EdgeChunk(); }); });
}

template <class Entry>
Adjacency transpose_as(const Adjacency& rows) {
  constexpr std::size_t kRows = std::size_t{1} << 16;
  const Pieces pieces((std::size_t{rows.rows()} + kRows - 1) / kRows);
  const auto visit_block = [&](std::size_t b, const auto& give) {
    const std::size_t end = std::min<std::size_t>(rows.rows(), (b + 1) * kRows);
    for (std::size_t v = b * kRows; v < end; ++v)
      for (EdgeCount i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i)
        give(rows.neighbours[i], static_cast<LocalId>(v), rows.weights.empty() ? 0.0 : rows.weights[i]);
  };
  return sort_into_rows<Entry>(
      pieces.count(), rows.rows(), false,
      [&](std::size_t p, const auto& give) { pieces.for_each_block(p, [&](std::size_t b) { visit_block(b, give); }); },
      [](std::size_t) {});
}

}  // namespace

Adjacency build_rows(Arcs&& arcs, LocalId rows, RowKey key, bool weighted, bool drop_duplicates) {
  return weighted ? sort_arcs<WeightedEntry>(arcs, rows, key, drop_duplicates)
                  : sort_arcs<PlainEntry>(arcs, rows, key, drop_duplicates);
}

Adjacency transpose(const Adjacency& rows) {
  return rows.weights.empty() ? transpose_as<PlainEntry>(rows) : transpose_as<WeightedEntry>(rows);
}

}  // namespace gasket
