#include "partition/big_array.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdlib>
#include <limits>

#include "partition/error.hpp"

namespace gasket::detail {
namespace {

constexpr std::size_t kMappedFrom = std::size_t{1} << 20;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kPage = 4096;

// The length of the mapping behind a block of `bytes`. Blocks that fill huge pages are rounded to none of
// them: the tail stays on small pages so that many arrays do not each waste half a huge page.
std::size_t mapped_length(std::size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

[[noreturn]] void out_of_memory(double bytes) {
  throw ResourceError(fmt::format("out of memory: this rank could not get {:.1f} MiB more", bytes / (1 << 20)));
}

}  // namespace

std::size_t fill_huge_page(std::size_t bytes) {
  const std::size_t tail = bytes % kHugePage;
  return tail < kHugePage / 2 ? bytes : bytes - tail + kHugePage;
}

void* allocate_pages(std::size_t count, std::size_t width) {
  const double wanted = static_cast<double>(count) * static_cast<double>(width);
  if (count > (std::numeric_limits<std::size_t>::max() / 2) / width) out_of_memory(wanted);
  const std::size_t bytes = count * width;
  if (bytes < kMappedFrom) {
    void* block = std::calloc(1, bytes);
    if (block == nullptr) out_of_memory(wanted);
    return block;
  }
  // Huge pages need alignment: map one huge page more than needed and give the ends back.
  const std::size_t length = mapped_length(bytes);
  void* raw = mmap(nullptr, length + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) out_of_memory(wanted);
  char* const start = static_cast<char*>(raw);
  const std::size_t misfit = reinterpret_cast<std::size_t>(raw) % kHugePage;
  char* const aligned = start + (misfit == 0 ? 0 : kHugePage - misfit);
  if (aligned != start) munmap(start, static_cast<std::size_t>(aligned - start));
  if (const std::size_t tail = static_cast<std::size_t>(start + length + kHugePage - (aligned + length)); tail > 0)
    munmap(aligned + length, tail);
  madvise(aligned, length, MADV_HUGEPAGE);  // a wish: without huge pages everything still works
  return aligned;
}

void free_pages(void* address, std::size_t bytes) noexcept {
  if (bytes < kMappedFrom)
    std::free(address);
  else
    munmap(address, mapped_length(bytes));
}

bool trim_pages(void* address, std::size_t bytes, std::size_t kept) noexcept {
  if (kept < kMappedFrom || kept >= bytes) return false;  // a small rest would change its kind of memory
  const std::size_t length = mapped_length(kept);
  if (length < mapped_length(bytes)) munmap(static_cast<char*>(address) + length, mapped_length(bytes) - length);
  return true;
}

}  // namespace gasket::detail
