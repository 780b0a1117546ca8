#include "partition/atoms/index.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <charconv>
#include <filesystem>
#include <string_view>

#include "partition/error.hpp"
#include "partition/io/pending_file.hpp"
#include "partition/io/text/input_file.hpp"

namespace gasket {
namespace {

constexpr std::string_view kTitle = "gasket atoms, version ";
constexpr unsigned kVersion = 1;
constexpr std::string_view kChecksum = "checksum ";

std::uint64_t checksum(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::string to_text(const AtomIndex& index) {
  std::string text = fmt::format("{}{}\n", kTitle, kVersion);
  const auto line = [&]<class... T>(fmt::format_string<T...> format, T&&... values) {
    text += fmt::format(format, std::forward<T>(values)...) + '\n';
  };
  line("# written by gasket convert and gasket append; the last line is a checksum of the others");
  line("graph {:016x}", index.graph);
  line("appends {}", index.appends);
  line("directed {}", index.directed ? "yes" : "no");
  line("weighted {}", index.weighted ? "yes" : "no");
  line("vertices {}", index.vertices);
  line("edges {}", index.edges);
  line("atoms {}", index.atoms.size());
  line("pairs {}", index.shared.size());
  line("placement {}", index.placement);
  line("# atom NUMBER VERTICES GHOSTS EDGES BYTES DIGEST");
  for (std::size_t a = 0; a < index.atoms.size(); ++a) {
    const AtomFacts& atom = index.atoms[a];
    line("atom {} {} {} {} {} {:016x}", a, atom.vertices, atom.ghosts, atom.edges, atom.bytes, atom.digest);
  }
  line("# shared ATOM ATOM VERTICES");
  for (const AtomIndex::Shared& pair : index.shared) line("shared {} {} {}", pair.first, pair.second, pair.vertices);
  return text + fmt::format("{}{:016x}\n", kChecksum, checksum(text));
}

class IndexReader {
 public:
  explicit IndexReader(const std::string& folder) : path_(index_path(folder)) {
    const text::InputFile file(path_, "an index of atoms");
    text_.resize(file.size());
    file.read_at(0, text_);
  }

  AtomIndex read() {
    check_whole();
    AtomIndex index;
    rest_ = text_;
    next_line();  // the title
    index.graph = fields("graph", 1, 16)[0];
    index.appends = fields("appends", 1)[0];
    index.directed = yes_or_no("directed");
    index.weighted = yes_or_no("weighted");
    index.vertices = fields("vertices", 1)[0];
    index.edges = fields("edges", 1)[0];
    index.atoms.resize(at_most(fields("atoms", 1)[0], kMostAtoms));
    index.shared.resize(at_most(fields("pairs", 1)[0], std::uint64_t{kMostAtoms} * kMostAtoms / 2));
    index.placement = value("placement");
    AtomFacts sum;
    for (std::size_t a = 0; a < index.atoms.size(); ++a) {
      const std::string_view line = value("atom");
      const auto numbers = numbers_of(line.substr(0, line.rfind(' ')), 5, 10);
      const std::uint64_t digest = numbers_of(line.substr(line.rfind(' ') + 1), 1, 16)[0];
      if (numbers[0] != a) fail("atoms are not in order");
      index.atoms[a] = {numbers[1], numbers[2], numbers[3], numbers[4], digest};
      sum.vertices += numbers[1];
      sum.edges += numbers[3];
    }
    for (AtomIndex::Shared& pair : index.shared) {
      const auto numbers = fields("shared", 3);
      pair = {static_cast<AtomId>(numbers[0]), static_cast<AtomId>(numbers[1]), numbers[2]};
      if (numbers[0] >= numbers[1] || numbers[1] >= index.atoms.size()) fail("names atoms that do not exist");
    }
    if (index.atoms.empty() || sum.vertices != index.vertices || sum.edges != index.edges)
      fail("its atoms do not add up to its graph");
    return index;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("{}:{}: damaged: {}", path_, number_, what));
  }

  // Before a line is believed, the last one must vouch for it.
  void check_whole() const {
    const std::string_view text = text_;
    if (!text.starts_with(kTitle))
      throw InputError(fmt::format("{}: is not an index of atoms, or damaged in its first line", path_));
    unsigned version = 0;
    const char* const end = text.data() + text.size();
    const auto [behind, error] = std::from_chars(text.data() + kTitle.size(), end, version);
    if (error == std::errc() && behind != end && *behind == '\n' && version != kVersion)
      throw InputError(fmt::format("{}: has version {} of the format of atoms; this gasket reads version {}", path_,
                                   version, kVersion));
    const std::size_t last = text.rfind(kChecksum);
    if (last == text.npos || last == 0 || text[last - 1] != '\n' || text.size() != last + kChecksum.size() + 17 ||
        text.back() != '\n')
      throw InputError(fmt::format("{}: damaged or cut off: it does not end with its checksum", path_));
    if (text.substr(last + kChecksum.size(), 16) != fmt::format("{:016x}", checksum(text.substr(0, last))))
      throw InputError(fmt::format("{}: damaged: it does not have the checksum it was written with", path_));
  }

  std::string_view next_line() {
    std::string_view line;
    do {
      ++number_;
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      line = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
    } while (line.starts_with('#'));
    return line;
  }
  // What follows the word on the next line.
  std::string_view value(std::string_view word) {
    const std::string_view line = next_line();
    if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ')
      fail(fmt::format("expected a line `{} ...`", word));
    return line.substr(word.size() + 1);
  }
  std::vector<std::uint64_t> fields(std::string_view word, std::size_t count, int base = 10) {
    return numbers_of(value(word), count, base);
  }
  std::vector<std::uint64_t> numbers_of(std::string_view text, std::size_t count, int base) const {
    std::vector<std::uint64_t> numbers(count);
    const char *at = text.data(), *const end = at + text.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0 && (at == end || *at++ != ' ')) fail(fmt::format("expected {} numbers", count));
      const auto [behind, error] = std::from_chars(at, end, numbers[i], base);
      if (error != std::errc()) fail(fmt::format("expected {} numbers", count));
      at = behind;
    }
    if (at != end) fail(fmt::format("expected {} numbers", count));
    return numbers;
  }
  bool yes_or_no(std::string_view word) {
    const std::string_view answer = value(word);
    if (answer != "yes" && answer != "no") fail("expected yes or no");
    return answer == "yes";
  }
  std::uint64_t at_most(std::uint64_t number, std::uint64_t most) const {
    if (number > most) fail(fmt::format("{} is more than {}", number, most));
    return number;
  }

  std::string path_;
  std::string text_;
  std::string_view rest_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::string index_path(const std::string& folder) { return (std::filesystem::path(folder) / "index").string(); }

std::string journal_path(const std::string& folder, AtomId atom) {
  return (std::filesystem::path(folder) / fmt::format("atom-{:03}", atom)).string();
}

bool looks_like_atoms(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) && (std::filesystem::exists(index_path(path), ignored) ||
                                                          std::filesystem::exists(journal_path(path, 0), ignored));
}

AtomIndex read_atom_index(const std::string& folder) { return IndexReader(folder).read(); }

void write_atom_index(const AtomIndex& index, const std::string& folder) {
  PendingFile file(index_path(folder));
  file.append(to_text(index));
  file.publish();
}

}  // namespace gasket
