package org.policyledger.api;

import org.apache.catalina.core.StandardHost;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the service's container does differently from its defaults. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

    /** Its own refusals are problem documents too, and a body is never taken apart as a form, whatever it is called. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> answersOfTheContainer() {
        return factory -> {
            factory.addContextCustomizers(context -> ((StandardHost) context.getParent())
                    .setErrorReportValveClass(ProblemValve.class.getName()));
            factory.addConnectorCustomizers(connector -> connector.setParseBodyMethods(""));
        };
    }
}
