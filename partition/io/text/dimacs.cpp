#include "partition/io/text/dimacs.hpp"

#include <fmt/format.h>

#include <charconv>

namespace gasket::text {
namespace {

bool read_count(std::string_view& line, std::uint64_t& count) {
  const std::string_view word = next_word(line);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  return !word.empty() && error == std::errc() && end == word.data() + word.size();
}

Head read_head(HeadReader& lines) {
  std::string_view line;
  while (lines.next(line)) {
    std::string_view rest = line;
    const std::string_view kind = next_word(rest);
    if (kind.empty() || kind == "c") continue;
    if (kind != "p") lines.fail(fmt::format("expected a problem line, 'p sp VERTICES ARCS', found {}", shown(line)));
    const std::string_view problem = next_word(rest);
    if (problem != "sp")
      lines.fail(fmt::format("is a DIMACS problem of another kind, {}; only shortest path files (p sp) can be read",
                             shown(problem)));
    std::uint64_t vertices = 0, arcs = 0;
    if (!read_count(rest, vertices) || !read_count(rest, arcs) || !next_word(rest).empty())
      lines.fail(fmt::format("expected 'p sp VERTICES ARCS', found {}", shown(line)));
    if (vertices >= std::uint64_t{1} << 48) lines.fail(fmt::format("announces {} vertices, more than 2^48", vertices));
    return {.words = fmt::format("DIMACS shortest path: {} vertices, {} arcs, ids from 1; directed", vertices, arcs),
            .directed = true,
            .vertices = vertices,
            .first_id = 1,
            .lines = arcs,
            .line = lines.line_number()};
  }
  lines.fail("expected a problem line, 'p sp VERTICES ARCS', found the end of the file");
}

class DimacsSource final : public LineSource {
 public:
  using LineSource::LineSource;

 protected:
  void settle(const Block& block, EdgeChunk& chunk, const ChunkSink&) const override {
    check_range(block, chunk, "vertices");
  }
};

}  // namespace

std::unique_ptr<EdgeSource> open_dimacs(const std::string& path, Reading reading, bool read_weights) {
  Head head;
  TextFile file = open_text_file_with_head(path, "a DIMACS shortest path file",
                                           [&](HeadReader& lines) { head = read_head(lines); });
  const EdgeGrammar grammar{.third = read_weights ? Third::weight : Third::ignored, .arcs = true};
  return std::make_unique<DimacsSource>(std::move(reading), std::move(file), grammar, std::move(head));
}

}  // namespace gasket::text
