#pragma once
// Strings one after the other in one piece of memory: 8 bytes each and their characters.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "partition/big_array.hpp"

namespace gasket {

class NameList {
 public:
  NameList() = default;
  /// Room for so many strings with so many characters in all; add() fills it.
  NameList(std::size_t names, std::size_t bytes) : ends_(names), bytes_(bytes) {}
  /// From strings that came as lengths and characters.
  NameList(std::span<const std::uint64_t> lengths, BigArray<char> bytes)
      : ends_(lengths.size()), bytes_(std::move(bytes)) {
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) ends_[i] = end += lengths[i];
    size_ = ends_.size();
  }

  void add(std::string_view name) {
    const std::uint64_t begin = size_ == 0 ? 0 : ends_[size_ - 1];
    std::copy(name.begin(), name.end(), bytes_.data() + begin);
    ends_[size_++] = begin + name.size();
  }
  /// Gives back what add() did not fill.
  void shrink() {
    bytes_.shrink(size_ == 0 ? 0 : ends_[size_ - 1]);
    ends_.shrink(size_);
  }

  std::size_t size() const { return size_; }
  std::string_view operator[](std::size_t i) const {
    const std::uint64_t begin = i == 0 ? 0 : ends_[i - 1];
    return {bytes_.data() + begin, ends_[i] - begin};
  }
  std::span<const char> bytes() const { return bytes_.span(); }
  std::uint64_t length(std::size_t i) const { return (*this)[i].size(); }

 private:
  BigArray<std::uint64_t> ends_;
  BigArray<char> bytes_;
  std::size_t size_ = 0;
};

/// The first position whose name is not below `name`, in a list that ascends by bytes.
inline std::size_t lower_bound(const NameList& names, std::string_view name) {
  std::size_t low = 0, high = names.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (names[middle] < name)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace gasket
