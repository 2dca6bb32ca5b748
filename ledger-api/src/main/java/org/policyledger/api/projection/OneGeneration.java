package org.policyledger.api.projection;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.Generations;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Holds each request to one generation of the readings, from its beginning to its end. */
@Component
class OneGeneration extends OncePerRequestFilter {

    /** Asked for by the first request: filters are made before all else, and what cannot start is to say so itself. */
    private final ObjectProvider<Catchup> catchup;

    OneGeneration(ObjectProvider<Catchup> catchup) {
        this.catchup = catchup;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Generations.Lease held = catchup.getObject().generations().lease();
        try {
            chain.doFilter(request, response);
        } finally {
            held.close();
        }
    }
}
