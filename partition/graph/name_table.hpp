#pragma once
// The strings that one rank's share of a file names its vertices by, each once, with a number that only this rank knows.
// Filled by all workers at once while they read: strings are dealt by hash over parts with a lock each.
//
// Memory: the characters of each string once, and about 40 bytes beside.

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace gasket {

class NameTable {
 public:
  NameTable();
  ~NameTable();

  /// The number of `name`, a new one where it has none; below 2^32. Throws ResourceError when there are no more.
  std::uint32_t intern(std::string_view name);
  std::size_t size() const;
  /// All numbers are below this.
  std::size_t numbers() const;
  /// Calls visit(number, name) for all names, in no particular order. Not while somebody interns.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::uint32_t p = 0; p < kParts; ++p)
      for (std::uint32_t i = 0; i < parts_[p].names.size(); ++i) visit(i * kParts + p, parts_[p].names[i]);
  }
  void clear();

 private:
  static constexpr std::uint32_t kParts = 64;

  struct Part {
    std::mutex guard;
    std::vector<std::string_view> names;  // into `memory`
    std::vector<std::uint32_t> slots;     // position in `names` + 1, by hash; 0 is free
    std::vector<std::unique_ptr<char[]>> memory;
    std::size_t used = 0, room = 0;  // of the last piece of it
  };
  static std::string_view keep(Part& part, std::string_view name);
  static void grow(Part& part);

  std::array<Part, kParts> parts_;
};

}  // namespace gasket
