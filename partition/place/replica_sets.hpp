#pragma once
// Which parts have copies of which vertices, as far as this rank knows: parts / 8 bytes per vertex, rounded up to 8.

#include <cstdint>
#include <span>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/types.hpp"

namespace gasket {

class ReplicaSets {
 public:
  ReplicaSets(GlobalId vertices, PartId parts) : words_((parts + 63) / 64), bits_(vertices * words_) {}

  std::size_t words() const { return words_; }
  const std::uint64_t* of(GlobalId v) const { return bits_.data() + v * words_; }
  bool contains(GlobalId v, PartId q) const { return (of(v)[q / 64] >> q % 64 & 1) != 0; }
  void prefetch(GlobalId v) const { __builtin_prefetch(of(v)); }
  void insert(GlobalId v, PartId q) {
    std::uint64_t& word = bits_[v * words_ + q / 64];
    const std::uint64_t bit = std::uint64_t{1} << q % 64;
    if ((word & bit) != 0) return;
    word |= bit;
    if (log_) news_.push_back(v << 16 | q);
  }

  /// From now on insertions are kept for exchange().
  void keep_news() { log_ = true; }
  /// Tells all ranks what was inserted since the last time: 8 bytes a copy. Collective.
  void exchange(Communicator& comm) {
    const std::vector<std::uint64_t> all = comm.all_gather_spans(std::span<const std::uint64_t>(news_));
    for (const std::uint64_t copy : all)
      bits_[(copy >> 16) * words_ + (copy & 0xffff) / 64] |= std::uint64_t{1} << (copy & 63);
    news_.clear();
  }

 private:
  std::size_t words_;
  BigArray<std::uint64_t> bits_;
  bool log_ = false;
  std::vector<std::uint64_t> news_;  // vertex and part
};

}  // namespace gasket
