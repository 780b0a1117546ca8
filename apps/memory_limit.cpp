#include "apps/memory_limit.hpp"

#include <fmt/format.h>

#include "apps/summary.hpp"
#include "partition/memory.hpp"

namespace gasket {

double refuse_beyond_memory(Session& session, const EdgeSource& source, const LoadShape& shape,
                            std::uint64_t memory_limit) {
  double here = 0;
  session.communicator().agree([&] {
    const SourceSize size = source.estimate_size();
    here = estimate_peak(size, shape, session.size());
    if (const auto limit = static_cast<double>(memory_limit); limit > 0 && here > limit) {
      const int ranks = ranks_needed(size, shape, limit);
      throw ResourceError(fmt::format(
          "{}: about {:.3g} edges and {:.3g} vertices need about {} on {} {}, more than "
          "--memory-limit {}; {}",
          source.describe(), size.edges, size.vertices, bytes_text(here),
          shape.placing.gathered_edge > 0 ? "the first of" : "each of", counted(session.size(), "rank"),
          bytes_text(limit), ranks == 0 ? "no number of ranks would do" : counted(ranks, "rank") + " would do"));
    }
    const double other = estimate_peak(size, shape, session.size(), false);
    const double sum = (session.rank() == 0 ? here : other) + other * (session.ranks_on_host() - 1);
    const auto free = static_cast<double>(available_memory());
    if (sum > kEstimateTolerance * free) {
      const int hosts = ranks_needed(size, shape, free);
      throw ResourceError(fmt::format(
          "{}: about {:.3g} edges need about {} on the host {}, which has {} free; {}", source.describe(), size.edges,
          bytes_text(sum), session.host(), bytes_text(free),
          hosts == 0 ? "use a smaller graph"
                     : fmt::format("use {} with one rank each, or a smaller graph", counted(hosts, "such host"))));
    }
  });
  return here;
}

}  // namespace gasket
