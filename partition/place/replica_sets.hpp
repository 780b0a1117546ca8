#pragma once
// Which parts have copies of which vertices, as far as this rank knows: parts / 8 bytes per vertex, rounded up to 4. What
// else is wanted of a vertex whenever its copies are can lie beside them: reading a row that is not in the cache costs
// more than all that is done with it, so that there shall be one, and that short.

#include <bit>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/prefetch.hpp"
#include "partition/types.hpp"

namespace gasket {

struct NothingBeside {};

/// Beside: 4 bytes, or empty.
template <class Beside = NothingBeside>
class ReplicaSets {
 public:
  ReplicaSets(GlobalId vertices, PartId parts)
      : words_((parts + 31) / 32), stride_(words_ + kBeside), rows_(vertices * stride_) {}

  /// Parts 64 i and up, as bits; i = 0 .. (parts - 1) / 64.
  std::uint64_t word(GlobalId v, std::size_t i) const {
    const std::uint32_t* const row = rows_.data() + v * stride_ + kBeside + 2 * i;
    return 2 * i + 1 < words_ ? row[0] | std::uint64_t{row[1]} << 32 : row[0];
  }
  bool contains(GlobalId v, PartId q) const { return (at(v, q) >> q % 32 & 1) != 0; }
  Beside beside(GlobalId v) const { return std::bit_cast<Beside>(rows_[v * stride_]); }
  void set_beside(GlobalId v, Beside value) { rows_[v * stride_] = std::bit_cast<std::uint32_t>(value); }
  void prefetch(GlobalId v) const { gasket::prefetch(rows_.data() + v * stride_); }
  void insert(GlobalId v, PartId q) {
    if (log_ && !contains(v, q)) news_.push_back(v << 16 | q);
    insert_known(v, q);
  }
  /// What all ranks know.
  void insert_known(GlobalId v, PartId q) { rows_[v * stride_ + kBeside + q / 32] |= std::uint32_t{1} << q % 32; }

  /// From now on insertions are kept for exchange().
  void keep_news() { log_ = true; }
  /// Tells all ranks what was inserted since the last time: 8 bytes a copy. Collective.
  void exchange(Communicator& comm) {
    for (const std::uint64_t copy : comm.all_gather_spans(std::span<const std::uint64_t>(news_)))
      insert_known(copy >> 16, static_cast<PartId>(copy & 0xffff));
    news_.clear();
  }

 private:
  static constexpr std::size_t kBeside = std::is_empty_v<Beside> ? 0 : 1;

  std::uint32_t at(GlobalId v, PartId q) const { return rows_[v * stride_ + kBeside + q / 32]; }

  std::size_t words_;
  std::size_t stride_;
  BigArray<std::uint32_t> rows_;
  bool log_ = false;
  std::vector<std::uint64_t> news_;  // vertex and part
};

}  // namespace gasket
